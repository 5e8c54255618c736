//! How often a client may ask, and what replies tell of it.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use service_kit::Connection;

use super::*;

async fn ask_as(router: &Router, client: [u8; 4], path: &str) -> (u16, HeaderMap) {
    let connection = Connection { peer: SocketAddr::from((client, 4711)), on_loopback: false, is_tls: false };
    let request = Request::get(path).extension(connection).header("Host", "a.example");
    let (reply, _) = exchange(router, request.body(body::Body::empty()).unwrap()).await;
    (reply.status().as_u16(), reply.headers().clone())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_again() {
    let app = app_with(&["--access", "open", "--client-units-per-minute", "5"], routes(), vec![]);
    let mut refused = None;
    // A minute may end meanwhile, but not twice.
    for _ in 0..11 {
        let (status, headers) = ask_as(&app.public, [192, 0, 2, 1], "/things/fine").await;
        assert_eq!(text(&headers, "ratelimit-policy"), "\"client\";q=5;w=60");
        if status == 429 {
            refused = Some(headers);
            break;
        }
        assert_eq!(status, 200);
        assert!(text(&headers, "ratelimit").starts_with("\"client\";r="), "{headers:?}");
    }
    let headers = refused.expect("a request is refused");
    let wait: u64 = text(&headers, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(text(&headers, "ratelimit"), format!("\"client\";r=0;t={wait}"));
    assert_eq!(ask_as(&app.public, [192, 0, 2, 2], "/things/fine").await.0, 200, "another client");
    for _ in 0..11 {
        let (status, headers) = ask_as(&app.internal, [192, 0, 2, 1], "/fine").await;
        assert_eq!((status, text(&headers, "ratelimit")), (200, ""), "services are not limited");
    }
}

#[tokio::test]
async fn nobody_is_limited_where_everything_is_open() {
    let app = app_with(&["--access", "open"], routes(), vec![]);
    for _ in 0..100 {
        let (status, headers) = ask_as(&app.public, [192, 0, 2, 1], "/things/fine").await;
        assert_eq!((status, text(&headers, "ratelimit")), (200, ""));
    }
}
