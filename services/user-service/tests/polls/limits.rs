//! What one client, and one poll, may have most of.

use std::net::SocketAddr;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;
use service_kit::Connection;
use tower::ServiceExt;

use crate::support::{Service, poll};

/// The status of a poll that a client at this address wants to make, and `Retry-After`.
async fn make(service: &Service, client: [u8; 4], path: &str, token: &str) -> (StatusCode, Option<u64>) {
    let connection = Connection { peer: SocketAddr::from((client, 4711)), on_loopback: false };
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
    assert_eq!(make(&service, first, "/polls", "").await, (StatusCode::CREATED, None));
    let duplicate = format!("{}/duplicate", original.path);
    assert_eq!(make(&service, first, &duplicate, &original.admin).await, (StatusCode::CREATED, None));
    for (path, token) in [("/polls", ""), (duplicate.as_str(), original.admin.as_str())] {
        let (status, wait) = make(&service, first, path, token).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        // Half an hour for one of two an hour.
        assert!(wait.is_some_and(|wait| (1..=1801).contains(&wait)), "{wait:?}");
    }
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
