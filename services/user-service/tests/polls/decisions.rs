use axum::http::Method;
use serde_json::{Value, json};

use crate::support::Service;

#[tokio::test]
async fn a_decision_makes_stored_people_busy_until_it_is_taken_back() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
        let decision = format!("{}/decision", poll.path);
        let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
        let decided = service.by(&poll.admin, Method::PUT, &decision, meeting.clone()).await.is(200).json();
        assert_eq!((&decided["state"], &decided["meeting"]), (&json!("decided"), &meeting));
        let free_busy = "/users/ada@example.com/freebusy?from=2026-03-06T00:00:00Z&to=2026-03-07T00:00:00Z";
        assert_eq!(service.get(free_busy).await.is(200).json()["busy"], json!([meeting]));
        service.answer(&ada, json!({"ranges": []})).await.is(409);
        service.by(&poll.admin, Method::DELETE, &decision, Value::Null).await.is(204);
        service.by(&poll.admin, Method::DELETE, &decision, Value::Null).await.is(404);
        assert_eq!(service.get(free_busy).await.is(200).json()["busy"], json!([]));
        assert_eq!(service.get(&poll.path).await.json()["state"], "open");
        // A deleted poll keeps nobody busy.
        service.by(&poll.admin, Method::PUT, &decision, meeting).await.is(200);
        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(service.get(free_busy).await.is(200).json()["busy"], json!([]));
    }
}

#[tokio::test]
async fn a_required_person_at_another_meeting_is_named_unless_it_is_forced() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
        let first = service.poll(json!({})).await;
        service.join(&first, "Ada", json!({"email": "ada@example.com"})).await;
        let path = format!("{}/decision", first.path);
        service.by(&first.admin, Method::PUT, &path, meeting.clone()).await.is(200);

        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({"email": "ADA@example.com"})).await;
        service.join(&poll, "Bob", json!({})).await;
        let path = format!("{}/decision", poll.path);
        let overlapping = json!({"start": "2026-03-06T08:30:00Z", "end": "2026-03-06T09:30:00Z"});
        service.by(&poll.admin, Method::PUT, &path, overlapping.clone()).await.is(200);
        service.by(&poll.admin, Method::DELETE, &path, Value::Null).await.is(204);
        service.by(&poll.admin, Method::PATCH, &ada.path, json!({"required": true})).await.is(200);
        let refused = service.by(&poll.admin, Method::PUT, &path, overlapping.clone()).await.is(409).json();
        let fault = &refused["detail"][0];
        assert_eq!(
            (&fault["code"], &fault["loc"]),
            (&json!("participant_busy"), &json!(["participants", ada.id]))
        );
        assert!(fault["msg"].as_str().unwrap().starts_with("Ada is required"));
        let after = json!({"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z"});
        service.by(&poll.admin, Method::PUT, &path, after).await.is(200);
        let forced = crate::support::with(overlapping, json!({"force": true}));
        service.by(&poll.admin, Method::PUT, &path, forced).await.is(200);
    }
}

#[tokio::test]
async fn a_time_that_the_poll_does_not_ask_about_is_not_decided() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let path = format!("{}/decision", poll.path);
        for (start, end, place) in [
            ("2026-03-07T08:00:00Z", "2026-03-07T09:00:00Z", "start"),
            ("2026-03-06T07:00:00Z", "2026-03-06T09:00:00Z", "start"),
            ("2026-03-06T09:00:00Z", "2026-03-06T08:00:00Z", "end"),
            ("2026-03-06T09:00:00Z", "2026-03-06T09:59:00Z", "end"),
        ] {
            let body = json!({"start": start, "end": end});
            assert_eq!(service.by(&poll.admin, Method::PUT, &path, body).await.is(400).places(), [place]);
        }
    }
}
