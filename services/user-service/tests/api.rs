//! The HTTP API on embedded stores, and on servers that are away.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use clap::Parser;
use futures::future::join_all;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service_kit::{ServiceContext, Tracing};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use user_service::{Args, NAME};

const ADA: &str = "/users/ada@example.com";

struct Service {
    router: Router,
    _folder: TempDir,
}

impl Service {
    /// On an SQLite file, unless the flags say otherwise.
    async fn start(flags: &[&str]) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let data = ["user-service", "--data-dir", folder.path().to_str().unwrap()];
        let args = Args::parse_from(data.iter().chain(flags));
        let service = ServiceContext::new(NAME, Tracing::default(), CancellationToken::new()).unwrap();
        let app = user_service::build(&service, &args.serve, &args.stores).await.unwrap();
        Service { router: app.router, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, body: impl ToString) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).body(Body::from(body.to_string())).unwrap();
        let reply = self.router.clone().oneshot(request).await.unwrap();
        assert!(reply.headers().contains_key("case-id"));
        let status = reply.status();
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        (status, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, "").await
    }

    async fn create(&self, email: &str, hours: &[u8]) -> (StatusCode, Value) {
        self.ask(Method::POST, "/users", json!({"email": email, "availabilities": {"monday": hours}})).await
    }
}

fn message(error: &Value) -> &str {
    error["detail"][0]["msg"].as_str().unwrap()
}

#[tokio::test]
async fn creating_reading_replacing_and_deleting() {
    let service = Service::start(&[]).await;
    let (status, created) = service.create("Ada@Example.com", &[10, 9, 10]).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(created["email"], "Ada@example.com");
    assert_eq!(created["availabilities"]["monday"], json!([9, 10]));
    assert_eq!(created["availabilities"].as_object().unwrap().len(), 7);
    assert_eq!(created["preferences"], "first");
    for path in
        [ADA, "/users/users/ADA@EXAMPLE.COM/", "/user-avail/cache-aside?user1email=%20ada@example.com"]
    {
        assert_eq!(service.get(path).await, (StatusCode::OK, created.clone()), "{path}");
    }

    let new = json!({"email": "ada@example.com", "availabilities": {}, "preferences": "last"});
    let (status, replaced) = service.ask(Method::PUT, ADA, new).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(replaced["preferences"], "last");
    assert_eq!(replaced["created_at"], created["created_at"]);
    assert_eq!(service.get(ADA).await, (StatusCode::OK, replaced));

    assert_eq!(service.ask(Method::DELETE, ADA, "").await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(service.get(ADA).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn creating_again_is_the_same_or_a_conflict_that_says_what_to_do() {
    let service = Service::start(&[]).await;
    let (_, created) = service.create("ada@example.com", &[9]).await;
    assert_eq!(service.create("ADA@example.com", &[9]).await, (StatusCode::OK, created.clone()));
    let (status, error) = service.create("ada@example.com", &[10]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(message(&error).contains("PUT"), "{error}");
    assert_eq!(service.get(ADA).await, (StatusCode::OK, created));
}

#[tokio::test]
async fn of_twenty_creations_at_once_one_is_new() {
    let service = Service::start(&[]).await;
    let create = async |n: u8| service.create("ada@example.com", &[n % 4]).await.0.as_u16();
    let mut statuses = join_all((0..20).map(create)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 4].as_slice(), &[201], &[409; 15]].concat());
}

#[tokio::test]
async fn unknown_people_are_not_found_in_the_words_of_the_contract() {
    let service = Service::start(&[]).await;
    let (status, error) = service.get("/user-avail/cache-aside?user1email=x'%20OR%20'1'='1").await;
    assert_eq!((status, message(&error)), (StatusCode::NOT_FOUND, "User x' OR '1'='1 not found in database"));
    let body = json!({"email": "ada@example.com", "availabilities": {}});
    for (method, path, body) in [
        (Method::GET, ADA, Value::Null),
        (Method::GET, "/users/no-address", Value::Null),
        (Method::GET, "/users/%00@example.com", Value::Null),
        (Method::PUT, ADA, body),
        (Method::DELETE, ADA, Value::Null),
    ] {
        let (status, error) = service.ask(method, path, body).await;
        assert_eq!((status, message(&error)), (StatusCode::NOT_FOUND, "User Not Found"), "{path}");
        assert_eq!(error["detail"][0]["loc"], json!(["internal"]));
    }
}

#[tokio::test]
async fn a_batch_has_everybody_in_the_order_asked() {
    let service = Service::start(&[]).await;
    let (_, ada) = service.create("ada@example.com", &[9]).await;
    let (_, bob) = service.create("bob@example.com", &[9]).await;
    let path =
        "/user-avail/batch?email=bob@example.com&email=%C3%9F&email=ADA@example.com&email=bob@example.com";
    let expected = json!({"people": [bob, null, ada, bob]});
    assert_eq!(service.get(path).await, (StatusCode::OK, expected.clone()));
    assert_eq!(service.get(path).await, (StatusCode::OK, expected), "from the cache");
}

#[tokio::test]
async fn wrong_input_is_named() {
    let service = Service::start(&[]).await;
    let many = format!("/user-avail/batch?{}", "email=a@example.com&".repeat(101));
    let other = json!({"email": "bob@example.com", "availabilities": {}});
    for (method, path, body, loc, kind) in [
        (Method::POST, "/users", json!({"email": "ada"}), json!(["body", "email"]), "value_error"),
        (Method::POST, "/users", Value::Null, json!(["body"]), "dict_type"),
        (Method::PUT, ADA, other, json!(["body", "email"]), "value_error"),
        (Method::GET, "/users/%FF@example.com", Value::Null, json!(["path", "email"]), "value_error"),
        (Method::GET, "/user-avail/cache-aside", Value::Null, json!(["query", "user1email"]), "missing"),
        (Method::GET, "/user-avail/batch", Value::Null, json!(["query", "email"]), "missing"),
        (Method::GET, &many, Value::Null, json!(["query", "email"]), "too_long"),
    ] {
        let (status, error) = service.ask(method, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!((&error["detail"][0]["loc"], &error["detail"][0]["type"]), (&loc, &json!(kind)), "{path}");
    }
}

#[tokio::test]
async fn health_names_the_stores_and_says_when_they_are_away() {
    let embedded = Service::start(&[]).await;
    let (status, health) = embedded.get("/users/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("healthy")));
    assert_eq!(
        health["dependencies"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["postgresql", "redis"]
    );

    let closed = testkit::free_port().unwrap().to_string();
    let without_redis = Service::start(&["--redis-host", "127.0.0.1", "--redis-port", &closed]).await;
    let (status, health) = without_redis.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("degraded")));
    assert_eq!(health["dependencies"]["redis"]["status"], "unhealthy");
    assert_eq!(without_redis.create("ada@example.com", &[9]).await.0, StatusCode::CREATED);
    assert_eq!(without_redis.get(ADA).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_database_that_is_away_is_503_and_its_password_is_not_shown() {
    let closed = testkit::free_port().unwrap();
    let dsn = format!("postgres://w2meet:s3cret@127.0.0.1:{closed}/w2meet");
    let service = Service::start(&["--pg-dsn", &dsn]).await;
    let (status, health) = service.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unhealthy")));
    assert!(!health.to_string().contains("s3cret"));
    let (status, error) = service.get("/user-avail/cache-aside?user1email=ada@example.com").await;
    assert_eq!((status, message(&error)), (StatusCode::SERVICE_UNAVAILABLE, "Database unavailable"));
    assert_eq!(service.create("ada@example.com", &[9]).await.0, StatusCode::SERVICE_UNAVAILABLE);
}
