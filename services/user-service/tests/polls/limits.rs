//! What one client, and one poll, may have most of.

use std::net::SocketAddr;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};
use service_kit::Connection;
use tower::ServiceExt;

use crate::support::{Service, poll};

/// The status of a poll that a client at this address wants to make, and `Retry-After`.
async fn make(service: &Service, client: [u8; 4], path: &str, token: &str) -> (StatusCode, Option<u64>) {
    let connection = Connection { peer: SocketAddr::from((client, 4711)), on_loopback: false, is_tls: false };
    let body = if path == "/polls" { poll().to_string() } else { "{}".to_owned() };
    let request = Request::post(path).extension(connection).header("Host", "a.example");
    let request =
        if token.is_empty() { request } else { request.header("Authorization", format!("Bearer {token}")) };
    let reply = service.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let wait = reply.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse().unwrap());
    (reply.status(), wait)
}

#[tokio::test]
async fn a_client_makes_so_many_polls_an_hour() {
    let service = Service::start(&["--polls-per-hour", "2"]).await;
    assert_eq!(service.get("/limits").await.is(200).json()["polls_per_hour"], 2);
    let original = service.poll(json!({})).await;
    let (first, second) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let duplicate = format!("{}/duplicate", original.path);
    let (mut made, mut refused) = (0, Vec::new());
    // An hour may end meanwhile, but not twice.
    while refused.len() < 2 && made < 5 {
        let (path, token) = if (made + refused.len()) % 2 == 0 {
            ("/polls", "")
        } else {
            (duplicate.as_str(), original.admin.as_str())
        };
        match make(&service, first, path, token).await {
            (StatusCode::CREATED, None) => made += 1,
            (StatusCode::TOO_MANY_REQUESTS, Some(wait)) => refused.push(wait),
            (status, wait) => panic!("{path}: {status}, {wait:?}"),
        }
    }
    assert!((2..=4).contains(&made), "{made}");
    assert!(refused.iter().all(|wait| (1..=3_600).contains(wait)), "{refused:?}");
    assert_eq!(make(&service, second, "/polls", "").await, (StatusCode::CREATED, None));
}

#[tokio::test]
async fn without_a_limit_any_number_of_polls_can_be_made() {
    let service = Service::start(&["--polls-per-hour", "0"]).await;
    assert!(service.get("/limits").await.is(200).json()["polls_per_hour"].is_null());
    for _ in 0..20 {
        assert_eq!(make(&service, [192, 0, 2, 1], "/polls", "").await.0, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn a_poll_has_at_most_ten_thousand_participants() {
    for service in Service::both().await {
        let most = service.get("/limits").await.is(200).json()["poll_participants"].as_u64();
        assert_eq!(most, Some(10_000));
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        // As many more as there may be but one, without asking for each.
        service.execute("UPDATE polls SET participants = 9999").await;
        let last = service.join(&poll, "Last", json!({})).await;
        let path = format!("{}/participants", poll.path);
        let one_more = json!({"name": "One more", "time_zone": "Etc/UTC"});
        let refused = service.by("", Method::POST, &path, one_more.clone()).await.is(409).json();
        assert_eq!(refused["detail"][0]["code"], "poll_full");
        assert!(refused["detail"][0]["msg"].as_str().unwrap().contains("10000"), "{refused}");
        assert_eq!(service.get(&poll.path).await.json()["version"], 3, "nothing was changed");
        // Whoever takes part still answers, and whoever leaves makes room.
        service.answer(&ada, json!({"ranges": []})).await.is(200);
        service.by(&last.token, Method::DELETE, &last.path, Value::Null).await.is(204);
        service.by("", Method::POST, &path, one_more.clone()).await.is(201);
        service.by(&poll.admin, Method::POST, &path, one_more).await.is(409);
    }
}
