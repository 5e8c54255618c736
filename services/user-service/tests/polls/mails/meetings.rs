//! Decisions, as calendars are told of them.

use axum::http::Method;
use serde_json::{Value, json};

use super::{LATER, MEETING, purposes};
use crate::support::Service;

#[tokio::test]
async fn a_decision_is_sent_to_everybody_with_an_address_and_taken_back_again() {
    for service in Service::both().await {
        let poll = service.poll(json!({"organiser_email": "org@example.com"})).await;
        service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
        service.join(&poll, "Bob", json!({"email": "bob@example.com"})).await;
        service.join(&poll, "Eve", json!({})).await;
        let organiser = service.by(&poll.admin, Method::GET, &poll.path, Value::Null).await.is(200);
        assert_eq!(organiser.json()["organiser_email"], "org@example.com");
        assert!(!service.get(&poll.path).await.is(200).text.contains("org@example.com"));
        let decided = service.decide(&poll, MEETING).await.is(200);
        let mails = service.mails().await;
        assert_eq!(
            purposes(&mails),
            [
                ("ada@example.com", "meeting_request", 1),
                ("bob@example.com", "meeting_request", 1),
                ("org@example.com", "decided", 0)
            ]
        );
        assert_eq!(mails[0]["reply_to"]["email"], "org@example.com");
        assert_eq!(mails[0]["content"]["meeting"], json!({"start": MEETING.0, "end": MEETING.1}));
        assert_eq!(mails[2]["reply_to"], Value::Null);
        // What is decided already is told to nobody again.
        let same = service.decide(&poll, MEETING).await.is(200);
        assert_eq!(same.header("etag"), decided.header("etag"));
        assert!(service.mails().await.is_empty());
        service.decide(&poll, LATER).await.is(200);
        let mails = service.mails().await;
        assert_eq!(
            purposes(&mails)[..2],
            [("ada@example.com", "meeting_request", 2), ("bob@example.com", "meeting_request", 2)]
        );
        service
            .by(&poll.admin, Method::DELETE, &format!("{}/decision", poll.path), Value::Null)
            .await
            .is(204);
        assert_eq!(
            purposes(&service.mails().await),
            [("ada@example.com", "meeting_cancel", 3), ("bob@example.com", "meeting_cancel", 3)]
        );
        // The request that was not sent yet says what is not so any more.
        let old = service.get(&format!("/mails/{}", mails[0]["id"].as_str().unwrap())).await;
        old.is(404);
    }
}

#[tokio::test]
async fn whoever_is_taken_out_of_a_decided_poll_is_told_that_the_meeting_is_off_for_them() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
    service.join(&poll, "Bob", json!({"email": "bob@example.com"})).await;
    service.decide(&poll, MEETING).await.is(200);
    service.mails().await;
    service.by(&poll.admin, Method::DELETE, &ada.path, Value::Null).await.is(204);
    assert_eq!(purposes(&service.mails().await), [("ada@example.com", "meeting_cancel", 2)]);
}
