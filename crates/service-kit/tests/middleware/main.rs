//! What stands around every handler, seen from outside.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod cors;
mod rate_limits;
mod replies;
mod requests;

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router, body,
    http::{Request, Response, StatusCode, header},
};
use clap::Parser;
use futures::StreamExt;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service_kit::{
    AccessControl, Allowances, ApiError, App, AuditSink, AuditTrail, Body, CallerSource, Callers, Dependency,
    LocalCounts, Probe, RequestContext, Routes, ServeArgs, ServiceContext, encode,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Account, AuditEntriesRequest, Fault, Loc};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    serve: ServeArgs,
}

/// Nobody has a token, and nothing is noted.
struct Nobody;

#[async_trait]
impl CallerSource for Nobody {
    async fn find(&self, _: &RequestContext, _: &str) -> Result<Option<Account>, ApiError> {
        Ok(None)
    }
}

#[async_trait]
impl AuditSink for Nobody {
    async fn store(&self, _: &RequestContext, _: &AuditEntriesRequest) -> Result<(), ApiError> {
        Ok(())
    }
}

struct Fixed(Vec<Dependency>);

#[async_trait]
impl Probe for Fixed {
    async fn dependencies(&self, _: &RequestContext) -> Vec<Dependency> {
        self.0.clone()
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

#[utoipa::path(get, path = "/fine", responses((status = 200)))]
async fn fine(context: RequestContext) -> String {
    context.onward().get("case-id").unwrap().to_str().unwrap().to_owned()
}

#[utoipa::path(post, path = "/echo", responses((status = 200)))]
async fn echo(Body(body): Body) -> Vec<u8> {
    body.to_vec()
}

#[utoipa::path(get, path = "/panics", responses((status = 500)))]
async fn panics() -> String {
    panic!("a secret of ours")
}

#[utoipa::path(get, path = "/fails", responses((status = 500)))]
async fn fails() -> ApiError {
    ApiError::internal("a secret of ours")
}

#[utoipa::path(get, path = "/hangs", responses((status = 503)))]
async fn hangs() {
    std::future::pending().await
}

#[utoipa::path(get, path = "/slow", responses((status = 200)))]
async fn slow() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

#[utoipa::path(post, path = "/reads-and-hangs", responses((status = 503)))]
async fn reads_and_hangs(_: Body) {
    std::future::pending().await
}

#[utoipa::path(post, path = "/refuses", responses((status = 400)))]
async fn refuses(Body(body): Body) -> ApiError {
    let fault = |index| Fault::new([Loc::from("body"), Loc::from(index)], "value_error", "wrong");
    ApiError::bad_request((0..body.len()).map(fault).collect())
}

#[utoipa::path(post, path = "/repeats", responses((status = 400)))]
async fn repeats(Body(body): Body) -> ApiError {
    let text = String::from_utf8(body.to_vec()).unwrap();
    ApiError::bad_request(vec![Fault::new(["body", &text], "value_error", text.clone())])
}

#[utoipa::path(get, path = "/client", responses((status = 200)))]
async fn client(context: RequestContext) -> axum::Json<Value> {
    let caller = format!("{:?}", context.caller());
    axum::Json(json!({"caller": caller, "client": context.client().map(|client| client.to_string())}))
}

fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(fine))
        .routes(routes!(echo))
        .routes(routes!(panics))
        .routes(routes!(fails))
        .routes(routes!(hangs))
        .routes(routes!(reads_and_hangs))
        .routes(routes!(refuses))
        .routes(routes!(repeats))
        .routes(routes!(client))
}

fn app(dependencies: Vec<Dependency>) -> App {
    app_with(&[], routes(), dependencies)
}

fn serve_args(more: &[&str]) -> ServeArgs {
    Args::parse_from([&["thing-service", "--request-timeout-ms", "50"], more].concat()).serve
}

fn app_with(args: &[&str], routes: impl Into<Routes>, dependencies: Vec<Dependency>) -> App {
    let service = ServiceContext::new("thing-service", CancellationToken::new()).unwrap();
    let probe = Arc::new(Fixed(dependencies));
    let access = AccessControl {
        callers: Callers::new(Nobody),
        allowances: Allowances::new(Arc::new(LocalCounts::default()), &service.registry).unwrap(),
        audit: AuditTrail::new(&service, Arc::new(Nobody)).unwrap(),
    };
    App::new(&service, &serve_args(args), "/things", routes, probe, access)
}

async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    body: impl Into<body::Body>,
) -> (Response<()>, Vec<u8>) {
    let request = Request::builder().method(method).uri(path).header("Case-ID", "case-7");
    exchange(router, request.body(body.into()).unwrap()).await
}

async fn exchange(router: &Router, request: Request<body::Body>) -> (Response<()>, Vec<u8>) {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    (Response::from_parts(parts, ()), body.collect().await.unwrap().to_bytes().to_vec())
}

async fn refusal(method: &str, path: &str, body: Vec<u8>) -> (StatusCode, String) {
    let (response, text) = ask(&app(vec![]).router, method, path, body).await;
    let value: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(response.headers()["case-id"], "case-7");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(value["case_id"], "case-7");
    assert_eq!(value["detail"][0]["loc"], json!(["internal"]));
    assert_eq!(value["detail"][0]["type"], "http_error");
    (response.status(), value["detail"][0]["msg"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_case_id_is_taken_over_passed_on_and_echoed() {
    let (response, body) = ask(&app(vec![]).router, "GET", "/fine", "").await;
    assert_eq!(response.headers()["case-id"], "case-7");
    assert_eq!(body, b"case-7");
}

#[tokio::test]
async fn a_bad_case_id_is_replaced_by_a_fresh_one() {
    for bad in ["", "a b", "a/b", &"x".repeat(65)] {
        let request = Request::get("/fine").header("Case-ID", bad).body(body::Body::empty()).unwrap();
        let response = app(vec![]).router.oneshot(request).await.unwrap();
        let id = response.headers()["case-id"].to_str().unwrap().to_owned();
        assert_ne!(id, bad);
        assert_eq!(id.len(), 36, "{id} is a UUID");
    }
}

#[tokio::test]
async fn everything_that_goes_wrong_has_one_shape_and_tells_no_secret() {
    let internal = "Internal Server Error".to_owned();
    assert_eq!(refusal("GET", "/nowhere", vec![]).await, (StatusCode::NOT_FOUND, "Not Found".into()));
    assert_eq!(refusal("GET", "/fails", vec![]).await, (StatusCode::INTERNAL_SERVER_ERROR, internal.clone()));
    assert_eq!(refusal("GET", "/panics", vec![]).await, (StatusCode::INTERNAL_SERVER_ERROR, internal));
    let late = "The request was not done within 50ms".to_owned();
    assert_eq!(refusal("GET", "/hangs", vec![]).await, (StatusCode::SERVICE_UNAVAILABLE, late));
    let (status, _) = refusal("POST", "/echo", vec![b'x'; 64 * 1024 + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        ask(&app(vec![]).router, "POST", "/echo", vec![b'x'; 64 * 1024]).await.0.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let (status, _) = refusal("DELETE", "/echo", vec![]).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    let (response, _) = ask(&app(vec![]).router, "DELETE", "/echo", "").await;
    assert_eq!(response.headers()[header::ALLOW], "POST");
}

#[tokio::test]
async fn what_a_handler_leaves_unread_is_read_before_the_reply_goes_out() {
    let router = app(vec![]).router;
    for path in ["/fine", "/echo", "/nowhere", "/things/fine"] {
        let (read, counted) = (Arc::new(AtomicUsize::new(0)), 100);
        let counter = read.clone();
        let chunks = futures::stream::iter(0..counted).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(vec![b'x'; 4096])
        });
        let (response, _) = ask(&router, "POST", path, body::Body::from_stream(chunks)).await;
        assert!(response.status().is_client_error(), "{path}");
        assert_eq!(read.load(Ordering::Relaxed), counted, "{path}");
        assert!(!response.headers().contains_key(header::CONNECTION), "{path}");
    }
}

#[tokio::test]
async fn a_body_without_an_end_ends_the_connection() {
    let endless = futures::stream::repeat(Ok::<_, Infallible>(vec![b'x'; 1 << 20]));
    let (response, _) = ask(&app(vec![]).router, "POST", "/fine", body::Body::from_stream(endless)).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::CONNECTION], "close");
}

#[tokio::test]
async fn answers_under_its_prefix_and_with_a_slash_at_the_end() {
    for path in ["/fine", "/fine/", "/things/fine", "/things/fine/", "/things/health", "/things/docs/"] {
        assert_eq!(ask(&app(vec![]).router, "GET", path, "").await.0.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn health_tells_degraded_from_unhealthy() {
    let up = Dependency { name: "up", essential: true, answer: Ok(Duration::from_micros(1500)) };
    let down = |essential| Dependency { name: "down", essential, answer: Err("gone".to_owned()) };
    for (dependencies, code, status) in [
        (vec![up.clone()], StatusCode::OK, "healthy"),
        (vec![up.clone(), down(false)], StatusCode::OK, "degraded"),
        (vec![up, down(true)], StatusCode::SERVICE_UNAVAILABLE, "unhealthy"),
    ] {
        let (response, body) = ask(&app(dependencies).router, "GET", "/health", "").await;
        let health: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((response.status(), health["status"].as_str().unwrap()), (code, status));
        assert_eq!(health["service"], "thing-service");
        assert_eq!(health["case_id"], "case-7");
        assert_eq!(health["dependencies"]["up"], json!({"status": "healthy", "response_time_ms": 1.5}));
    }
}

#[tokio::test]
async fn the_docs_name_every_route_and_load_nothing() {
    let router = app(vec![]).router;
    let page = String::from_utf8(ask(&router, "GET", "/docs", "").await.1).unwrap();
    let api: Value = serde_json::from_slice(&ask(&router, "GET", "/openapi.json", "").await.1).unwrap();
    for path in ["/fine", "/echo", "/health"] {
        assert!(api["paths"][path].is_object() && page.contains(path), "{path}");
    }
    for loading in ["src=", "<link", "<script", "@import", "url("] {
        assert!(!page.contains(loading), "{loading}");
    }
}

#[tokio::test]
async fn requests_are_measured_by_route_and_unknown_methods_do_not_grow_a_label() {
    let app = app(vec![]);
    ask(&app.router, "GET", "/things/fine", "").await;
    ask(&app.router, "BREW", "/fine", "").await;
    let page = String::from_utf8(encode([&app.registry]).unwrap()).unwrap();
    assert!(page.contains(
        r#"http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/things/fine",service_name="thing-service"} 1"#
    ));
    assert!(page.contains(r#"http_request_method="_OTHER""#) && !page.contains("BREW"));
    assert!(page.contains(r#"http_server_active_requests{service_name="thing-service"} 0"#));
}

#[test]
fn several_services_stand_under_one_heading() {
    let one = ServiceContext::new("one", CancellationToken::new()).unwrap();
    let two = one.beside("two").unwrap();
    let page = String::from_utf8(encode([&one.registry, &two.registry]).unwrap()).unwrap();
    assert_eq!(page.matches("# TYPE http_server_active_requests").count(), 1);
    assert!(page.contains(r#"{service_name="one"}"#) && page.contains(r#"{service_name="two"}"#));
}
