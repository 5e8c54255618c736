//! Taking part, and again when nobody knows whether the first request came through.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Poll, Reply, Service};

const KEY: &str = "0b7f4c1e-3c55-4d7a-9c43-1d0b8f0f5a11";

async fn join(service: &Service, poll: &Poll, key: &str, body: &Value) -> Reply {
    let path = format!("{}/participants", poll.path);
    service.ask(Method::POST, &path, &[("idempotency-key", key)], body).await
}

fn text(reply: &Reply, member: &str) -> String {
    reply.json()[member].as_str().unwrap().to_owned()
}

fn ada() -> Value {
    json!({"name": "Ada", "time_zone": "Europe/London", "email": "ada@example.com"})
}

#[tokio::test]
async fn the_same_request_again_is_the_same_participant_with_the_token_that_came_last() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let first = join(&service, &poll, KEY, &ada()).await.is(201);
        let again = join(&service, &poll, KEY, &ada()).await.is(200);
        assert_eq!(text(&first, "id"), text(&again, "id"));
        assert_eq!((first.header("etag"), again.header("etag")), ("\"2\"", "\"2\""), "nothing is different");
        assert_eq!(service.get(&poll.path).await.json()["participants_total"], 1);
        let answer = format!("{}/participants/{}/answer", poll.path, text(&first, "id"));
        let give = async |token: &str| service.by(token, Method::PUT, &answer, json!({"ranges": []})).await;
        give(&text(&first, "edit_token")).await.is(401);
        give(&text(&again, "edit_token")).await.is(200);

        let used_up = join(&service, &poll, KEY, &ada()).await.is(409);
        assert_eq!(used_up.json()["detail"][0]["code"], "conflict");
        give(&text(&again, "edit_token")).await.is(200);
    }
}

#[tokio::test]
async fn a_key_is_of_one_participant_of_one_poll() {
    for service in Service::both().await {
        let (poll, other) = (service.poll(json!({})).await, service.poll(json!({})).await);
        let first = text(&join(&service, &poll, KEY, &ada()).await.is(201), "id");
        for (member, value) in
            [("name", json!("Bob")), ("time_zone", json!("Asia/Tokyo")), ("email", Value::Null)]
        {
            let body = crate::support::with(ada(), json!({ member: value }));
            let refused = join(&service, &poll, KEY, &body).await.is(400);
            assert_eq!(refused.json()["detail"][0]["loc"], json!(["header", "Idempotency-Key"]));
        }
        assert_ne!(text(&join(&service, &other, KEY, &ada()).await.is(201), "id"), first);
        assert_ne!(text(&join(&service, &poll, "another", &ada()).await.is(201), "id"), first);
        for bad in ["", "\u{e9}", &"x".repeat(256)] {
            let refused = join(&service, &poll, bad, &ada()).await.is(400);
            assert_eq!(refused.json()["detail"][0]["loc"], json!(["header", "Idempotency-Key"]), "{bad}");
        }
        let total = service.get(&poll.path).await.json()["participants_total"].clone();
        assert_eq!(total, 2, "nobody came with a request that was refused");
    }
}

#[tokio::test]
async fn who_came_before_the_poll_was_closed_gets_a_token_after() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    join(&service, &poll, KEY, &ada()).await.is(201);
    let past = json!({"deadline": "2026-01-01T00:00:00Z"});
    service.by(&poll.admin, Method::PATCH, &poll.path, past).await.is(200);
    join(&service, &poll, KEY, &ada()).await.is(200);
    join(&service, &poll, "another", &ada()).await.is(409);
}
