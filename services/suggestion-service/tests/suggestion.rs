//! suggestion-service above an availability-service that says what each test wants.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::{
    Json, Router,
    body::Body,
    http::{Method, Request, StatusCode},
    response::{IntoResponse, Response},
};
use clap::Parser;
use http_body_util::BodyExt;
use peer_client::{Limits, Peer, PeerMetrics};
use serde_json::{Value, json};
use service_kit::ServiceContext;
use suggestion_service::{Args, NAME, SERVICE};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// An availability-service: people are named by what they prefer, `busy` and so on make it fail.
async fn availability(request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_group = request.method() == Method::POST;
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let ids: Vec<String> = if is_group {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        serde_json::from_value(asked["userIds"].clone()).unwrap()
    } else {
        query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())).collect()
    };
    let alone = ids.iter().any(|id| id == "alone");
    let common = if alone { json!({}) } else { json!({"monday": [9, 10], "sunday": [23]}) };
    let preference = |id: &str| if id == "alone" { "first".to_owned() } else { id.to_owned() };
    match ids[0].as_str() {
        "busy" => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "nobody" => {
            let detail = json!([{"loc": ["body", "userIds", 0], "msg": "", "type": "value_error"}]);
            (StatusCode::NOT_FOUND, Json(json!({"detail": detail}))).into_response()
        }
        "failing" => StatusCode::BAD_GATEWAY.into_response(),
        "long" => StatusCode::URI_TOO_LONG.into_response(),
        "broken" => "what?".into_response(),
        _ if is_group => {
            let people: Vec<Value> =
                ids.iter().map(|id| json!({"userId": id, "preference": preference(id)})).collect();
            Json(json!({"common_availabilities": common, "preferences": people})).into_response()
        }
        _ => Json(json!({"common_availabilities": common, "user1preference": preference(&ids[0]),
            "user2preference": preference(&ids[1])}))
        .into_response(),
    }
}

async fn ask(query: &str) -> (StatusCode, Value) {
    send(Method::GET, &format!("/suggestions?{query}"), Value::Null).await
}

async fn send(method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
    let args = Args::parse_from([NAME]);
    let metrics = PeerMetrics::register(&service.registry).unwrap();
    let router = Router::new().fallback(availability);
    let peer = Peer::local("availability-service", router, Limits::default(), metrics);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Case-ID", "case-7")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = SERVICE.build(&service, &args.serve, peer).unwrap().router.oneshot(request).await.unwrap();
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
        ("long", StatusCode::URI_TOO_LONG, "The request is too large to be passed on"),
        ("busy", StatusCode::SERVICE_UNAVAILABLE, "Availability service is unavailable"),
        ("failing", StatusCode::BAD_GATEWAY, "Availability service error"),
        ("broken", StatusCode::BAD_GATEWAY, "Availability service error"),
    ] {
        let (got, body) = ask(&format!("userId1={who}&userId2=first")).await;
        assert_eq!((got, body["detail"][0]["msg"].as_str().unwrap()), (status, msg), "{who}");
    }
}

#[tokio::test]
async fn a_group_comes_by_body_too_and_may_override_what_it_prefers() {
    let by_body = send(Method::POST, "/suggestions", json!({"userIds": ["first", "last", "first"]})).await;
    assert_eq!(by_body, ask("userId=first&userId=last&userId=first").await);
    let last = json!({"userIds": ["first", "last"], "preference": "last"});
    let (_, body) = send(Method::POST, "/suggestions", last).await;
    assert_eq!(body["suggestions"], json!([{"day": "sunday", "slot": [23, 24]}]));
}

#[tokio::test]
async fn a_preference_beside_the_body_is_refused_and_not_lost() {
    let group = json!({"userIds": ["first", "last"]});
    let (status, body) = send(Method::POST, "/suggestions?preference=last", group).await;
    assert_eq!(
        (status, &body["detail"][0]["loc"]),
        (StatusCode::BAD_REQUEST, &json!(["query", "preference"]))
    );
}

#[tokio::test]
async fn who_of_a_group_is_unknown_is_named_where_this_service_was_asked() {
    for (asked, place) in [
        (ask("userId=nobody&userId=last").await, json!(["query", "userId", 0])),
        (
            send(Method::POST, "/suggestions", json!({"userIds": ["nobody", "last"]})).await,
            json!(["body", "userIds", 0]),
        ),
    ] {
        let (status, body) = asked;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(
            (&body["detail"][0]["loc"], &body["detail"][0]["msg"]),
            (&place, &json!("User nobody not found"))
        );
    }
}

#[tokio::test]
async fn a_parameter_that_is_wrong_or_would_be_lost_silently_is_named() {
    for (query, name) in [
        ("userId1=a&userId2=b&preference=zzz", "preference"),
        ("userId1=a&userId2=b&preferences=last", "preferences"),
        ("userId1=a&userId2=b&preference=last&preference=first", "preference"),
        ("userId1=a&userId1=c&userId2=b", "userId1"),
    ] {
        let (status, body) = ask(query).await;
        assert_eq!(
            (status, &body["detail"][0]["loc"]),
            (StatusCode::BAD_REQUEST, &json!(["query", name])),
            "{query}"
        );
    }
}

#[test]
fn a_base_that_no_path_can_be_added_to_ends_the_start() {
    let refused =
        Args::try_parse_from([NAME, "--availability-service-base", "ftp://peer"]).unwrap_err().to_string();
    assert!(
        refused.contains("--availability-service-base") && refused.contains("scheme is ftp"),
        "{refused}"
    );
}
