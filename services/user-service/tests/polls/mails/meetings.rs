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

#[tokio::test]
async fn what_else_changes_about_a_meeting_is_sent_too() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
        let patch =
            async |body: Value| service.by(&poll.admin, Method::PATCH, &poll.path, body).await.is(200);
        patch(json!({"title": "Before"})).await;
        assert!(service.mails().await.is_empty(), "there is no meeting yet");
        service.decide(&poll, MEETING).await.is(200);
        patch(json!({"location": "Room 2"})).await;
        let mails = service.mails().await;
        assert_eq!(
            purposes(&mails[..1]),
            [("ada@example.com", "meeting_request", 2)],
            "the first is moot: {mails:?}"
        );
        assert_eq!(mails[0]["poll"]["location"], "Room 2");
        patch(json!({"visibility": "blind"})).await;
        assert!(service.mails().await.is_empty(), "that is not in the invitation");

        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(purposes(&service.mails().await), [("ada@example.com", "meeting_cancel", 3)]);
        let restore = format!("{}/restore", poll.path);
        service.by(&poll.admin, Method::POST, &restore, Value::Null).await.is(200);
        assert_eq!(purposes(&service.mails().await), [("ada@example.com", "meeting_request", 4)]);
    }
}

#[tokio::test]
async fn whoever_did_not_get_the_last_update_is_told_all_the_same_that_the_meeting_is_off() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
    service.decide(&poll, MEETING).await.is(200);
    service.mails().await;
    // Nobody gets more than some mails in a day.
    for number in 0..20 {
        let title = json!({"title": format!("Title {number}")});
        service.by(&poll.admin, Method::PATCH, &poll.path, title).await.is(200);
    }
    assert_eq!(service.mails().await.len(), 19);
    service.by(&poll.admin, Method::DELETE, &format!("{}/decision", poll.path), Value::Null).await.is(204);
    assert_eq!(purposes(&service.mails().await), [("ada@example.com", "meeting_cancel", 22)]);
}
