//! Peers that fail in every way, over real sockets.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, extract::OriginalUri, routing::get};
use http::{HeaderMap, HeaderValue, StatusCode};
use peer_client::{Limits, Peer, PeerError, PeerMetrics};
use prometheus::Registry;
use tokio::{io::AsyncReadExt, net::TcpListener};
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(1), attempt: Duration::from_millis(200), retries: 2 };

fn peer(base: &str) -> (Peer, Registry) {
    let registry = Registry::new();
    let metrics = PeerMetrics::register(&registry).unwrap();
    (Peer::http("user-service", &Url::parse(base).unwrap(), LIMITS, metrics).unwrap(), registry)
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
        .and(matchers::header("case-id", "case-1"))
        .respond_with(ResponseTemplate::new(404).set_body_string("[1]"))
        .mount(&server)
        .await;
    let headers = HeaderMap::from_iter([("case-id".parse().unwrap(), HeaderValue::from_static("case-1"))]);

    let answer = peer(&server.uri())
        .0
        .get("/find", &[("who", "o'brien+x@example.com")], || headers.clone())
        .await
        .unwrap();

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

    assert_eq!(peer.get("/once", &[], HeaderMap::new).await.unwrap().status, StatusCode::OK);
    let gone = peer.get("/always", &[], HeaderMap::new).await;

    assert!(matches!(gone, Err(PeerError::Unavailable("user-service"))), "{gone:?}");
    assert_eq!(gauge(&registry, "http_client_retries_total"), 3.0);
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 0.0, "a peer that says 503 is there");
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
    let first = peer.get("/", &[], HeaderMap::new).await;
    assert!(matches!(first, Err(PeerError::Deadline(..))), "{first:?}");
    assert!(started.elapsed() < LIMITS.attempt * 2, "a hang is not retried");
    for _ in 0..4 {
        assert!(peer.get("/", &[], HeaderMap::new).await.is_err());
    }
    assert_eq!(gauge(&registry, "http_client_breaker_open"), 1.0);
    let shut = peer.get("/", &[], HeaderMap::new).await;

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
        let down = peer.get("/", &[], HeaderMap::new).await;
        assert!(matches!(down, Err(PeerError::Unreachable(..) | PeerError::BreakerOpen(_))), "{down:?}");
    }

    let listener = TcpListener::bind(address).await.unwrap();
    let router = Router::new().route("/", get(async || "back"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let back = async {
        loop {
            match peer.get("/", &[], HeaderMap::new).await {
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

    let answer = peer.get("/find", &[("who", "a b&c"), ("who", "d")], HeaderMap::new).await.unwrap();

    assert_eq!(answer.body, "/find?who=a+b%26c&who=d");
    assert!(peer.check_health(HeaderMap::new()).await.is_ok());
}
