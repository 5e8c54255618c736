//! availability-service above a user-service that says what each test wants.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use availability_service::{Args, NAME, SERVICE};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
    response::{IntoResponse, Response},
};
use clap::Parser;
use http_body_util::BodyExt;
use peer_client::{Limits, Peer, PeerMetrics};
use serde_json::{Value, json};
use service_kit::ServiceContext;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

fn person(email: &str, hours: &[u8], preferences: &str) -> Value {
    let availabilities = json!({"monday": hours, "tuesday": [], "wednesday": [], "thursday": [], "friday": [],
        "saturday": [], "sunday": [23]});
    json!({"email": email, "availabilities": availabilities, "preferences": preferences,
        "created_at": "2026-01-01T00:00:00.000000Z"})
}

/// A user-service that knows ada and bob and fails on request.
async fn users(headers: HeaderMap, request: Request<Body>) -> Response {
    assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/user-avail/batch"));
    assert_eq!(headers["case-id"], "case-7");
    assert_eq!(headers["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let records: Vec<Value> = asked["emails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|email| match email.as_str() {
            Some("ada") => person("ada", &[9, 10, 11], "first"),
            Some("bob") => person("bob", &[10, 11, 12], "last"),
            Some("eve") => person("eve", &[11], "random"),
            other => json!(other),
        })
        .collect();
    match records.last().and_then(Value::as_str) {
        Some("busy") => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some("broken") => "what?".into_response(),
        Some("failing") => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some("long") => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        _ => {
            let known =
                records.into_iter().map(|record| if record.is_object() { record } else { Value::Null });
            axum::Json(json!({"people": known.collect::<Vec<_>>()})).into_response()
        }
    }
}

async fn ask(query: &str) -> (StatusCode, Value) {
    send(Method::GET, &format!("/availabilities?{query}"), Value::Null).await
}

async fn send(method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
    let args = Args::parse_from([NAME]);
    let metrics = PeerMetrics::register(&service.registry).unwrap();
    let peer = Peer::local("user-service", Router::new().fallback(users), Limits::default(), metrics);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Case-ID", "case-7")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = SERVICE.build(&service, &args.serve, peer).unwrap().router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_pair_shares_hours_and_says_its_preferences() {
    let (status, body) = ask("userId1=ada&userId2=bob").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body,
        json!({
            "common_availabilities": {"monday": [10, 11], "tuesday": [], "wednesday": [], "thursday": [],
                "friday": [], "saturday": [], "sunday": [23]},
            "user1preference": "first", "user2preference": "last",
        })
    );
}

#[tokio::test]
async fn a_group_lists_each_persons_preference() {
    let (status, body) = ask("userId=ada&userId=bob&userId=eve").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["common_availabilities"]["monday"], json!([11]));
    assert_eq!(body["preferences"][2], json!({"userId": "eve", "preference": "random"}));
}

#[tokio::test]
async fn what_user_service_says_is_mapped_to_one_answer_each() {
    let too_large = "The request is too large to be passed on";
    for (query, status, msg) in [
        ("userId1=ada&userId2=nobody", StatusCode::NOT_FOUND, "One or both users not found"),
        ("userId=ada&userId=bob&userId=nobody", StatusCode::NOT_FOUND, "User nobody not found"),
        ("userId1=ada&userId2=long", StatusCode::PAYLOAD_TOO_LARGE, too_large),
        ("userId1=ada&userId2=busy", StatusCode::SERVICE_UNAVAILABLE, "User service is unavailable"),
        ("userId1=ada&userId2=broken", StatusCode::BAD_GATEWAY, "User service error"),
        ("userId1=ada&userId2=failing", StatusCode::BAD_GATEWAY, "User service error"),
    ] {
        let (got, body) = ask(query).await;
        assert_eq!((got, body["detail"][0]["msg"].as_str().unwrap()), (status, msg), "{query}");
        let is_unknown = body["detail"][0]["code"] == "not_found";
        assert_eq!(is_unknown, status == StatusCode::NOT_FOUND, "{query}: {body}");
    }
}

#[tokio::test]
async fn a_missing_person_is_named() {
    let (status, body) = ask("userId1=ada").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        body["detail"],
        json!([{"loc": ["query", "userId2"], "msg": "Field required", "type": "missing", "code": "missing"}])
    );
}

#[tokio::test]
async fn a_group_comes_by_body_too_and_gets_the_same_reply() {
    let group = json!({"userIds": ["ada", "bob", "eve"]});
    let by_body = send(Method::POST, "/availabilities", group).await;
    assert_eq!(by_body, ask("userId=ada&userId=bob&userId=eve").await);
    assert_eq!(by_body.0, StatusCode::OK);
    let (status, body) = send(Method::POST, "/availabilities", json!({"userIds": ["ada"], "x": 1})).await;
    assert_eq!((status, &body["detail"][0]["loc"]), (StatusCode::BAD_REQUEST, &json!(["body", "x"])));
}

#[tokio::test]
async fn a_body_says_everything_and_a_query_beside_it_is_refused_by_name() {
    let group = json!({"userIds": ["ada", "bob"]});
    let (status, body) = send(Method::POST, "/availabilities?userId1=eve&x", group).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let places = json!([body["detail"][0]["loc"], body["detail"][1]["loc"]]);
    assert_eq!(places, json!([["query", "userId1"], ["query", "x"]]));
    assert_eq!(body["detail"][0]["code"], "extra_forbidden");
}

#[tokio::test]
async fn groups_that_are_read_on_another_thread_have_the_same_reply() {
    for number in [24, 25, 100] {
        let mut names = vec!["ada"; number - 1];
        names.push("bob");
        let (status, body) = send(Method::POST, "/availabilities", json!({"userIds": names})).await;
        assert_eq!((status, &body["common_availabilities"]["monday"]), (StatusCode::OK, &json!([10, 11])));
        let preferences = body["preferences"].as_array().unwrap();
        assert_eq!((preferences.len(), &preferences[number - 1]["preference"]), (number, &json!("last")));
        names.push("broken");
        let (status, body) = send(Method::POST, "/availabilities", json!({"userIds": names[1..]})).await;
        assert_eq!((status, &body["detail"][0]["code"]), (StatusCode::BAD_GATEWAY, &json!("bad_gateway")));
    }
}

#[tokio::test]
async fn everybody_of_a_group_who_is_unknown_is_named_at_their_place() {
    let loc = |body: &Value| json!([body["detail"][0]["loc"], body["detail"][1]["loc"], body["detail"][2]]);
    let (status, body) = ask("userId=x%20y&userId=ada&userId=z").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(loc(&body), json!([["query", "userId", 0], ["query", "userId", 2], null]));
    assert_eq!(body["detail"][0]["msg"], "User x y not found");
    let (_, body) = send(Method::POST, "/availabilities", json!({"userIds": ["x", "ada", "z"]})).await;
    assert_eq!(loc(&body), json!([["body", "userIds", 0], ["body", "userIds", 2], null]));
}

#[test]
fn a_base_that_no_path_can_be_added_to_ends_the_start() {
    let refused = Args::try_parse_from([NAME, "--user-service-base", "ftp://peer"]).unwrap_err().to_string();
    assert!(refused.contains("--user-service-base") && refused.contains("scheme is ftp"), "{refused}");
}
