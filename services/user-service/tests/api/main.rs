//! The HTTP API on embedded stores, and on servers that cannot be reached.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod conditions;
mod store_outages;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, request::Builder},
};
use clap::Parser;
use futures::future::join_all;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service_kit::ServiceContext;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use user_service::{Args, NAME};

const ADA: &str = "/users/ada@example.com";
const BATCH: &str = "/user-avail/batch";

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
        let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
        let stores = args.stores.stores(&service.registry).unwrap();
        let app = user_service::build(&service, &args.serve, &args.own, stores).await.unwrap();
        Service { router: app.router, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, body: impl ToString) -> (StatusCode, Value) {
        let (status, _, body) = self.send(Request::builder().method(method).uri(path), body).await;
        (status, body)
    }

    /// Asks for Ada with a condition: the status, the reply's ETag and the body.
    async fn ask_if(
        &self,
        method: Method,
        (header, value): (&str, &str),
        body: impl ToString,
    ) -> (StatusCode, String, Value) {
        self.send(Request::builder().method(method).uri(ADA).header(header, value), body).await
    }

    async fn send(&self, request: Builder, body: impl ToString) -> (StatusCode, String, Value) {
        let request = request.body(Body::from(body.to_string())).unwrap();
        let reply = self.router.clone().oneshot(request).await.unwrap();
        assert!(reply.headers().contains_key("case-id"));
        let etag = reply.headers().get("etag").map_or("", |etag| etag.to_str().unwrap()).to_owned();
        let status = reply.status();
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        (status, etag, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
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
    let body = json!({"emails": ["bob@example.com", "ß", "ADA@example.com", "bob@example.com"]});
    let expected = json!({"people": [bob, null, ada, bob]});
    for _then_from_the_cache in 0..2 {
        let reply = service.ask(Method::POST, BATCH, &body).await;
        assert_eq!(reply, (StatusCode::OK, expected.clone()));
    }
}

#[tokio::test]
async fn a_batch_is_not_for_the_public() {
    let service = Service::start(&[]).await;
    let body = json!({"emails": ["ada@example.com"]});
    let (status, _) = service.ask(Method::POST, &format!("/users{BATCH}"), body).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "gateways pass on nothing but what has the prefix");
    let (_, description) = service.get("/openapi.json").await;
    assert_eq!(description["paths"].get(BATCH), None);
}

#[tokio::test]
async fn a_batch_of_the_longest_names_is_answered() {
    let service = Service::start(&[]).await;
    let body = json!({"emails": vec!["\u{1F600}".repeat(320); 100]});
    let (status, reply) = service.ask(Method::POST, BATCH, body).await;
    assert_eq!((status, reply["people"].as_array().unwrap().len()), (StatusCode::OK, 100));
}

#[tokio::test]
async fn wrong_input_is_named() {
    let service = Service::start(&[]).await;
    let many = json!({"emails": vec!["a@example.com"; 101]});
    let other = json!({"email": "bob@example.com", "availabilities": {}});
    for (method, path, body, loc, kind) in [
        (Method::POST, "/users", json!({"email": "ada"}), json!(["body", "email"]), "value_error"),
        (Method::POST, "/users", Value::Null, json!(["body"]), "dict_type"),
        (Method::PUT, ADA, other, json!(["body", "email"]), "value_error"),
        (Method::GET, "/users/%FF@example.com", Value::Null, json!(["path", "email"]), "value_error"),
        (Method::GET, "/user-avail/cache-aside", Value::Null, json!(["query", "user1email"]), "missing"),
        (Method::POST, BATCH, json!({}), json!(["body", "emails"]), "missing"),
        (Method::POST, BATCH, json!({"emails": []}), json!(["body", "emails"]), "value_error"),
        (Method::POST, BATCH, json!({"emails": ["a", ""]}), json!(["body", "emails", 1]), "string_too_short"),
        (Method::POST, BATCH, many, json!(["body", "emails"]), "value_error"),
    ] {
        let (status, error) = service.ask(method, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!((&error["detail"][0]["loc"], &error["detail"][0]["type"]), (&loc, &json!(kind)), "{path}");
    }
}

#[tokio::test]
async fn other_letters_are_other_people_and_spellings_of_one_address_one_person() {
    let service = Service::start(&[]).await;
    for (person, other) in [
        ("mike@example.com", "mıke@example.com"),
        ("strasse@example.com", "straße@example.com"),
        ("a@weiss.example", "a@weiß.example"),
    ] {
        assert_eq!(service.create(person, &[9]).await.0, StatusCode::CREATED);
        let path = format!("/users/{}", other.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>());
        assert_eq!(service.get(&path).await.0, StatusCode::NOT_FOUND, "{other}");
        assert_eq!(service.ask(Method::DELETE, &path, "").await.0, StatusCode::NOT_FOUND, "{other}");
        assert_eq!(service.create(other, &[10]).await.0, StatusCode::CREATED, "{other}");
        let (status, read) = service.get(&path).await;
        assert_eq!((status, &read["email"]), (StatusCode::OK, &json!(other)));
    }
    let (status, created) = service.create("zoe\u{308}@Bücher.example", &[9]).await;
    assert_eq!((status, &created["email"]), (StatusCode::CREATED, &json!("zoe\u{308}@bücher.example")));
    for spelling in ["zo\u{eb}@b\u{fc}cher.example", "ZOe\u{308}@xn--bcher-kva.EXAMPLE"] {
        assert_eq!(service.create(spelling, &[9]).await, (StatusCode::OK, created.clone()), "{spelling}");
        let encoded = spelling.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let path = format!("/user-avail/cache-aside?user1email={encoded}");
        assert_eq!(service.get(&path).await, (StatusCode::OK, created.clone()), "{spelling}");
    }
    let (status, error) = service.create("สม ชาย@example.com", &[9]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(message(&error).contains("character 3, ' ' (U+0020)"), "{error}");
}
