//! suggestion-service above an availability-service that says what each test wants.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::{
    Json, Router,
    body::Body,
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
};
use clap::Parser;
use http_body_util::BodyExt;
use peer_client::{Limits, Peer, PeerMetrics};
use serde_json::{Value, json};
use service_kit::ServiceContext;
use suggestion_service::{Args, build};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// An availability-service: people are named by what they prefer, `busy` and so on make it fail.
async fn availability(request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let ids: Vec<&str> = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1)).collect();
    let common = if ids.contains(&"alone") { json!({}) } else { json!({"monday": [9, 10], "sunday": [23]}) };
    let preference = |id: &str| if id == "alone" { "first".to_owned() } else { id.to_owned() };
    match ids[0] {
        "busy" => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "nobody" => StatusCode::NOT_FOUND.into_response(),
        "failing" => StatusCode::BAD_GATEWAY.into_response(),
        "broken" => "what?".into_response(),
        _ if query.contains("userId=") => {
            let people: Vec<Value> =
                ids.iter().map(|id| json!({"userId": id, "preference": preference(id)})).collect();
            Json(json!({"common_availabilities": common, "preferences": people})).into_response()
        }
        _ => Json(json!({"common_availabilities": common, "user1preference": preference(ids[0]),
            "user2preference": preference(ids[1])}))
        .into_response(),
    }
}

async fn ask(query: &str) -> (StatusCode, Value) {
    let service = ServiceContext::new("suggestion-service", CancellationToken::new()).unwrap();
    let args = Args::parse_from(["suggestion-service"]);
    let metrics = PeerMetrics::register(&service.registry).unwrap();
    let router = Router::new().fallback(availability);
    let peer = Peer::local("availability-service", router, Limits::default(), metrics);
    let request = Request::get(format!("/suggestions?{query}"))
        .header("Case-ID", "case-7")
        .body(Body::empty())
        .unwrap();
    let response = build(&service, &args.serve, peer).unwrap().router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn proposes_one_slot_for_each_distinct_preference() {
    let first = json!({"day": "monday", "slot": [9, 10]});
    let last = json!({"day": "sunday", "slot": [23, 24]});
    for (query, expected) in [
        ("userId1=first&userId2=first", json!([first])),
        ("userId1=last&userId2=last", json!([last])),
        ("userId1=last&userId2=first", json!([last, first])),
        ("userId1=first&userId2=last&preference=last", json!([last])),
        ("userId=first&userId=last&userId=first", json!([first, last])),
        ("userId1=alone&userId2=last", json!([])),
        ("userId1=alone&userId2=last&preference=random", json!([])),
    ] {
        let (status, body) = ask(query).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        assert_eq!(body, json!({"case_id": "case-7", "suggestions": expected}), "{query}");
    }
}

#[tokio::test]
async fn a_random_slot_is_one_of_the_shared_hours_and_not_always_the_same() {
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 3 {
        let (_, body) = ask("userId1=random&userId2=random").await;
        assert_eq!(body["suggestions"].as_array().unwrap().len(), 1);
        seen.insert(body["suggestions"][0].to_string());
    }
    let expected = [("monday", [9, 10]), ("monday", [10, 11]), ("sunday", [23, 24])];
    assert_eq!(seen, expected.map(|(day, slot)| json!({"day": day, "slot": slot}).to_string()).into());
}

#[tokio::test]
async fn what_availability_service_says_is_mapped_to_one_answer_each() {
    for (who, status, msg) in [
        ("nobody", StatusCode::NOT_FOUND, "One or both users not found"),
        ("busy", StatusCode::SERVICE_UNAVAILABLE, "Availability service is unavailable"),
        ("failing", StatusCode::BAD_GATEWAY, "Availability service error"),
        ("broken", StatusCode::BAD_GATEWAY, "Availability service error"),
    ] {
        let (got, body) = ask(&format!("userId1={who}&userId2=first")).await;
        assert_eq!((got, body["detail"][0]["msg"].as_str().unwrap()), (status, msg), "{who}");
    }
}

#[tokio::test]
async fn an_unknown_preference_is_named() {
    let (status, body) = ask("userId1=a&userId2=b&preference=zzz").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["detail"][0]["loc"], json!(["query", "preference"]));
}
