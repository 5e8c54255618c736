//! What requests are taken, and how they are refused.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use service_kit::{Connection, RouteSettings};

use super::*;

async fn post(headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::post("/echo");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    exchange(&app(vec![]).router, request.body("{}".into()).unwrap()).await.0.status()
}

#[tokio::test]
async fn a_body_that_says_it_is_something_else_is_refused() {
    for fine in [
        &[][..],
        &[("content-type", "application/json")],
        &[("content-type", "Application/JSON; charset=UTF-8"), ("origin", "http://evil.example")],
        &[("content-type", "application/json"), ("content-encoding", "identity")],
    ] {
        assert_eq!(post(fine).await, StatusCode::OK, "{fine:?}");
    }
    for other in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "text/plain"), ("origin", "http://evil.example")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/merge-patch+json")],
        &[("content-type", "application/json; charset=latin1")],
        &[("content-type", "")],
        &[("content-type", "application/json"), ("content-type", "text/plain")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
        &[("content-encoding", "br")],
        &[("origin", "http://evil.example")],
    ] {
        assert_eq!(post(other).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{other:?}");
    }
}

/// A body of which nothing comes, though its length is declared.
struct Declared(u64);

impl hyper::body::Body for Declared {
    type Data = body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<body::Bytes>, Infallible>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.0)
    }
}

#[tokio::test]
async fn a_body_that_is_declared_too_large_is_not_waited_for() {
    let ask = async |length| {
        let request = Request::post("/echo").header("expect", "100-continue");
        let request = request.body(body::Body::new(Declared(length))).unwrap();
        exchange(&app(vec![]).router, request).await.0.status()
    };
    assert_eq!(ask(64 * 1024 + 1).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(ask(64 * 1024).await, StatusCode::REQUEST_TIMEOUT, "this one is");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_a_fault_of_the_client() {
    let chunks = futures::stream::iter([Ok::<_, Infallible>("{")]).chain(futures::stream::pending());
    let app = app(vec![]);
    let (slow, text) = ask(&app.router, "POST", "/echo", body::Body::from_stream(chunks)).await;
    assert_eq!(slow.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(slow.headers()[header::CONNECTION], "close");
    let text: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(text["detail"][0]["code"], "body_timeout");
    // The body is there, and the handler hangs all the same.
    let (hangs, _) = ask(&app.router, "POST", "/reads-and-hangs", "{}").await;
    assert_eq!(hangs.status(), StatusCode::SERVICE_UNAVAILABLE);
    // Nor is it a slow answer of ours.
    let page = String::from_utf8(encode([&app.registry]).unwrap()).unwrap();
    let seconds = |status: &str| -> f64 {
        let label = format!("status_code=\"{status}\"");
        let sum = |line: &&str| line.contains("duration_seconds_sum") && line.contains(&label);
        page.lines().find(sum).unwrap().rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(seconds("408") < 0.025 && seconds("503") >= 0.05, "{page}");
}

async fn asked(args: &[&str], on_loopback: bool, hosts: &[&str]) -> u16 {
    let app = app_with(args, routes(), vec![]);
    let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
    let mut request = Request::get("/fine").extension(Connection { peer, on_loopback, is_tls: false });
    for host in hosts {
        request = request.header("Host", *host);
    }
    exchange(&app.router, request.body(body::Body::empty()).unwrap()).await.0.status().as_u16()
}

#[tokio::test]
async fn a_request_says_once_which_host_it_is_for() {
    assert_eq!(asked(&[], false, &["anything.example:80"]).await, 200);
    for hosts in [&[][..], &["a.example", "a.example"], &[""], &["a b"], &["me@a.example"]] {
        assert_eq!(asked(&[], false, hosts).await, 400, "{hosts:?}");
    }
}

#[tokio::test]
async fn a_port_for_this_machine_alone_is_not_for_other_hosts() {
    for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "127.8.9.1"] {
        assert_eq!(asked(&[], true, &[host]).await, 200, "{host}");
    }
    for host in ["evil.example", "192.0.2.1", "localhost.evil.example", "[2001:db8::1]:8080"] {
        assert_eq!(asked(&[], true, &[host]).await, 421, "{host}");
    }
    assert_eq!(asked(&["--allowed-hosts", "a.test,meet.test"], true, &["Meet.test:8080"]).await, 200);
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_alone_where_they_did_and_other_machines_can() {
    let app = app(vec![]);
    for (is_tls, on_loopback, is_told) in
        [(true, false, true), (true, true, false), (false, false, false), (false, true, false)]
    {
        let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
        let request = Request::get("/nothing").extension(Connection { peer, on_loopback, is_tls });
        let request = request.header("Host", "localhost").body(body::Body::empty()).unwrap();
        let (reply, _) = exchange(&app.router, request).await;
        let told = reply.headers().get("strict-transport-security").is_some();
        assert_eq!(told, is_told, "{is_tls} {on_loopback}");
    }
}

#[tokio::test]
async fn the_clients_address_is_in_the_context() {
    let app = app_with(&["--trusted-proxies", "10.0.0.0/8,192.0.2.1"], routes(), vec![]);
    let connection =
        Connection { peer: SocketAddr::from(([10, 1, 1, 1], 4711)), on_loopback: false, is_tls: false };
    let request = Request::get("/client").extension(connection).header("Host", "a.example");
    let request = request.header("X-Forwarded-For", "203.0.113.9").body(body::Body::empty()).unwrap();
    let told: Value = serde_json::from_slice(&exchange(&app.router, request).await.1).unwrap();
    assert_eq!(told, json!({"caller": "Anyone", "client": "203.0.113.9"}));
}

#[tokio::test]
async fn a_case_id_that_is_replaced_is_said_to_be() {
    for (given, replaced) in [
        (&["case-7"][..], false),
        (&[], false),
        (&["Root=1-5759e988-bd862e3fe1be46a994272793"], true),
        (&["1-5759e988-bd862e3fe1be46a994272793"], false),
        (&["one", "two"], true),
    ] {
        let mut request = Request::get("/fine");
        for case_id in given {
            request = request.header("Case-ID", *case_id);
        }
        let (reply, _) = exchange(&app(vec![]).router, request.body(body::Body::empty()).unwrap()).await;
        assert_eq!(reply.headers().contains_key("case-id-replaced"), replaced, "{given:?}");
        assert!(reply.headers().contains_key("case-id"));
    }
}

#[tokio::test]
async fn routes_may_accept_other_bodies_and_take_their_time() {
    let usual = RouteSettings::new(&serve_args(&[]));
    let calendars = RouteSettings { body_limit: 10 << 20, content_types: &["text/calendar"], ..usual };
    let streams = RouteSettings { timeout: None, ..usual };
    let routes = Routes::from(OpenApiRouter::new().routes(routes!(fine)).routes(routes!(hangs)))
        .with(calendars, OpenApiRouter::new().routes(routes!(echo)))
        .with(streams, OpenApiRouter::new().routes(routes!(slow)))
        .internal(usual, OpenApiRouter::new().routes(routes!(panics)));
    let router = app_with(&[], routes, vec![]).router;
    let status = async |method: &str, path: &str, kind: &str, body: Vec<u8>| {
        let request = Request::builder().method(method).uri(path).header("Content-Type", kind);
        exchange(&router, request.body(body.into()).unwrap()).await.0.status().as_u16()
    };
    assert_eq!(status("POST", "/echo", "text/calendar", vec![b'x'; 10 << 20]).await, 200);
    assert_eq!(status("POST", "/things/echo", "text/calendar", vec![b'x'; (10 << 20) + 1]).await, 413);
    assert_eq!(status("POST", "/echo", "application/json", vec![]).await, 415);
    assert_eq!(status("GET", "/slow", "", vec![]).await, 200);
    assert_eq!(status("GET", "/hangs", "", vec![]).await, 503);
    assert_eq!(status("GET", "/panics", "", vec![]).await, 500);
    assert_eq!(status("GET", "/things/panics", "", vec![]).await, 404);
}

#[tokio::test]
async fn what_has_no_rule_is_refused_where_access_is_not_open() {
    for (access, status) in
        [("open", StatusCode::OK), ("members", StatusCode::FORBIDDEN), ("closed", StatusCode::FORBIDDEN)]
    {
        let app = app_with(&["--access", access], routes(), vec![]);
        assert_eq!(ask(&app.public, "GET", "/things/fine", "").await.0.status(), status, "{access}");
        let unknown = ask(&app.public, "GET", "/things/nothing", "").await.0.status();
        assert_eq!(unknown, StatusCode::NOT_FOUND, "{access}");
        let of_another_service = ask(&app.router, "GET", "/fine", "").await.0.status();
        assert_eq!(of_another_service, StatusCode::OK, "{access}");
    }
}
