//! Peers that fail in every way, over real sockets.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{FromRequestParts, OriginalUri},
    routing::get,
};
use futures::StreamExt;
use http::{Method, Request, StatusCode};
use peer_client::{Limits, Peer, PeerError, PeerMetrics, PeerRequest, RequestError};
use prometheus::Registry;
use serde_json::json;
use service_kit::{OVERLOADED, RequestContext};
use tokio::{io::AsyncReadExt, net::TcpListener};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(1), attempt: Duration::from_millis(200), retries: 2 };

fn peer(base: &str) -> (Peer, Registry) {
    let registry = Registry::new();
    let metrics = PeerMetrics::register(&registry).unwrap();
    (Peer::http("user-service", &base.parse().unwrap(), None, LIMITS, metrics).unwrap(), registry)
}

async fn context() -> RequestContext {
    let (mut parts, _) = Request::get("/").body(()).unwrap().into_parts();
    let Ok(context) = RequestContext::from_request_parts(&mut parts, &()).await;
    context
}

async fn ask(peer: &Peer, path: &'static str) -> Result<peer_client::Answer, PeerError> {
    peer.send(&context().await, PeerRequest::get(path)).await
}

fn gauge(registry: &Registry, name: &str) -> f64 {
    let families = registry.gather();
    let metric = &families.iter().find(|family| family.name() == name).unwrap().get_metric()[0];
    metric.get_gauge().get_value() + metric.get_counter().get_value()
}

#[tokio::test]
async fn passes_on_query_and_headers_and_returns_any_answer() {
    let server = MockServer::start().await;
    Mock::given(matchers::path("/find"))
        .and(matchers::query_param("who", "o'brien+x@example.com"))
        .and(matchers::header_exists("case-id"))
        .respond_with(ResponseTemplate::new(404).set_body_string("[1]"))
        .mount(&server)
        .await;
    let request = PeerRequest::get("/find").query(&[("who", "o'brien+x@example.com")]);
    let answer = peer(&server.uri()).0.send(&context().await, request).await.unwrap();

    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json::<Vec<u8>>().unwrap(), [1]);
    assert!(matches!(answer.json::<String>(), Err(PeerError::Unreadable(_))));
}

#[tokio::test]
async fn asks_again_after_503_and_gives_up_after_the_retries() {
    let server = MockServer::start().await;
    let once = Mock::given(matchers::path("/once")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1);
    once.mount(&server).await;
    Mock::given(matchers::path("/once")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let always = Mock::given(matchers::path("/always")).respond_with(ResponseTemplate::new(503));
    always.expect(3).mount(&server).await;
    let (peer, registry) = peer(&server.uri());

    assert_eq!(ask(&peer, "/once").await.unwrap().status, StatusCode::OK);
    let gone = ask(&peer, "/always").await;

    assert!(matches!(gone, Err(PeerError::Unavailable("user-service"))), "{gone:?}");
    assert_eq!(gauge(&registry, "http_client_retries_total"), 3.0);
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 0.0, "a peer that says 503 is there");
}

#[tokio::test]
async fn a_peer_with_too_much_to_do_is_not_asked_again_and_its_refusal_is_passed_on() {
    let server = MockServer::start().await;
    let refusal = json!({"case_id": "c", "detail": [{"loc": ["internal"], "code": OVERLOADED}]});
    let refusing = ResponseTemplate::new(503).set_body_json(refusal);
    Mock::given(matchers::any()).respond_with(refusing).expect(1).mount(&server).await;
    let (peer, registry) = peer(&server.uri());

    let refused = peer.ask(&context().await, PeerRequest::get("/busy")).await.unwrap_err();

    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.detail().iter().all(|fault| fault.code == OVERLOADED), "{refused:?}");
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 0.0, "nothing has failed");
}

#[tokio::test]
async fn a_hanging_peer_costs_one_deadline_and_then_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            kept.push(tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await }));
        }
    });
    let (peer, registry) = peer(&base);

    let started = Instant::now();
    let first = ask(&peer, "/").await;
    assert!(matches!(first, Err(PeerError::Deadline(..))), "{first:?}");
    assert!(started.elapsed() < LIMITS.attempt * 2, "a hang is not retried");
    for _ in 0..4 {
        assert!(ask(&peer, "/").await.is_err());
    }
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 1.0);
    let shut = ask(&peer, "/").await;

    assert!(matches!(shut, Err(PeerError::BreakerOpen(_))), "{shut:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 5, "the last call did not reach the peer");
}

#[tokio::test]
async fn a_peer_that_comes_back_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (peer, registry) = peer(&format!("http://{address}"));
    while gauge(&registry, "http_client_breaker_open") == 0.0 {
        let down = ask(&peer, "/").await;
        assert!(matches!(down, Err(PeerError::Unreachable(..) | PeerError::BreakerOpen(_))), "{down:?}");
    }

    let listener = TcpListener::bind(address).await.unwrap();
    let router = Router::new().route("/", get(async || "back"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let back = async {
        loop {
            match ask(&peer, "/").await {
                Ok(answer) => return answer,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };

    let answer =
        tokio::time::timeout(Duration::from_secs(10), back).await.expect("the breaker lets a trial through");
    assert_eq!(answer.body, "back");
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 0.0);
}

#[tokio::test]
async fn a_peer_in_this_process_is_asked_by_the_same_request() {
    let router = Router::new().fallback(async |OriginalUri(uri): OriginalUri| uri.to_string());
    let metrics = PeerMetrics::register(&Registry::new()).unwrap();
    let peer = Peer::local("user-service", router, LIMITS, metrics);

    let request =
        PeerRequest::get("/find/{name}").part("name", "a/b?ü").query(&[("who", "a b&c"), ("who", "d")]);
    let answer = peer.send(&context().await, request).await.unwrap();

    assert_eq!(answer.body, "/find/a%2Fb%3F%C3%BC?who=a+b%26c&who=d");
    assert!(peer.check_health(&context().await, Duration::from_secs(1)).await.is_ok());
}

#[tokio::test]
async fn sends_every_verb_with_json_and_repeats_only_what_may_be_repeated() {
    let server = MockServer::start().await;
    Mock::given(matchers::body_json(json!({"emails": ["a"]})))
        .and(matchers::header("content-type", "application/json"))
        .respond_with(ResponseTemplate::new(503))
        .mount(&server)
        .await;
    let (peer, _registry) = peer(&server.uri());
    let body = json!({"emails": ["a"]});
    let mut attempts = Vec::new();
    for request in [
        PeerRequest::post("/x"),
        PeerRequest::post("/x").repeatable(),
        PeerRequest::new(Method::PATCH, "/x"),
        PeerRequest::new(Method::PUT, "/x"),
        PeerRequest::new(Method::DELETE, "/x"),
    ] {
        let sent = peer.send(&context().await, request.json(&body)).await;
        assert!(matches!(sent, Err(PeerError::Unavailable(_))), "{sent:?}");
        let received = server.received_requests().await.unwrap().len();
        attempts.push(received - attempts.iter().sum::<usize>());
    }
    assert_eq!(attempts, [1, 3, 1, 3, 3]);
}

#[tokio::test]
async fn a_version_that_is_known_is_not_sent_again() {
    let server = MockServer::start().await;
    let unchanged = ResponseTemplate::new(304).insert_header("etag", "\"7\"");
    Mock::given(matchers::header("if-none-match", "\"7\"")).respond_with(unchanged).mount(&server).await;
    let changed = ResponseTemplate::new(412);
    Mock::given(matchers::header("if-match", "\"6\"")).respond_with(changed).mount(&server).await;
    let first = ResponseTemplate::new(200).insert_header("etag", "\"7\"").set_body_string("ada");
    Mock::given(matchers::any()).respond_with(first).with_priority(9).mount(&server).await;
    let (peer, _registry) = peer(&server.uri());

    let answer = ask(&peer, "/").await.unwrap();
    let again = PeerRequest::get("/").if_none_match(answer.etag().unwrap());
    let again = peer.send(&context().await, again).await.unwrap();
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let late = PeerRequest::new(Method::PUT, "/").if_match("\"6\"");
    assert_eq!(peer.send(&context().await, late).await.unwrap().status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_stream_may_last_longer_than_an_attempt() {
    let pieces = || {
        futures::stream::unfold(0, async |piece| {
            tokio::time::sleep(LIMITS.attempt).await;
            (piece < 3).then_some((Ok::<_, std::io::Error>("piece "), piece + 1))
        })
    };
    let router = Router::new().route("/", get(async move || axum::body::Body::from_stream(pieces())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let reply = peer(&base).0.stream(&context().await, PeerRequest::get("/")).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let pieces = reply.into_body().into_data_stream().map(|piece| piece.unwrap()).collect::<Vec<_>>().await;
    assert_eq!(pieces.concat(), b"piece piece piece ");
}

#[tokio::test]
async fn what_cannot_be_sent_is_the_callers_own_error() {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let (peer, registry) = peer(&server.uri());
    let long = "!".repeat(40_000);
    for _more_than_open_the_breaker in 0..7 {
        let too_long = PeerRequest::get("/").query(&[("who", &long)]);
        let sent = peer.send(&context().await, too_long).await;
        assert!(matches!(sent, Err(PeerError::Request(RequestError::Uri(_)))), "{sent:?}");
        let odd = PeerRequest::get("/").if_match("a\nb");
        let sent = peer.send(&context().await, odd).await;
        assert!(matches!(sent, Err(PeerError::Request(RequestError::Header(_)))), "{sent:?}");
    }
    assert_eq!(gauge(&registry, "http_client_retries_total"), 0.0);
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 0.0);
    assert_eq!(ask(&peer, "/").await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn an_error_says_nothing_of_whom_was_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let request = PeerRequest::get("/find").query(&[("who", "ada@example.com")]);
    let error = peer(&base).0.send(&context().await, request).await.unwrap_err();
    let chain = format!("{} {error:?}", service_kit::chain(&error));
    assert!(!chain.contains("ada") && !chain.contains("/find"), "{chain}");
}
