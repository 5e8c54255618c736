//! Reminders, and what the organiser is told.

use axum::http::Method;
use serde_json::{Value, json};

use super::{an_answer, of_link, purposes, with_deadline};
use crate::support::{Service, with};

#[tokio::test]
async fn the_organiser_hears_once_that_everybody_who_was_invited_has_answered() {
    for service in Service::both().await {
        let poll = service.poll(json!({"organiser_email": "org@example.com"})).await;
        let early = service.join(&poll, "Eve", json!({})).await;
        service.answer(&early, an_answer()).await.is(200);
        assert!(service.mails().await.is_empty(), "nobody knows yet who is to come");
        service
            .invite(&poll, json!([{"email": "ada@example.com"}, {"email": "bob@example.com"}]))
            .await
            .is(202);
        let mails = service.mails().await;
        service.answer(&of_link(&poll, &mails[0]), an_answer()).await.is(200);
        assert!(service.mails().await.is_empty());
        let last = of_link(&poll, &mails[1]);
        service.answer(&last, an_answer()).await.is(200);
        let told = service.mails().await;
        assert_eq!(purposes(&told), [("org@example.com", "everybody_answered", 0)]);
        assert_eq!(told[0]["content"]["participants"], 3);
        service.answer(&last, json!({"ranges": []})).await.is(200);
        assert!(service.mails().await.is_empty());
    }
}

#[tokio::test]
async fn who_has_not_answered_is_reminded_once_of_each_deadline() {
    for service in Service::both().await {
        let poll = service.poll(with_deadline(json!({"remind": true}))).await;
        service
            .invite(&poll, json!([{"email": "ada@example.com"}, {"email": "bob@example.com"}]))
            .await
            .is(202);
        let invitations = service.mails().await;
        service.answer(&of_link(&poll, &invitations[0]), an_answer()).await.is(200);
        let body = json!({"deadline": "2100-03-05T17:00:00Z"});
        service.by(&poll.admin, Method::PATCH, &poll.path, body.clone()).await.is(200);
        // Time passes.
        assert!(service.orders("remind").await.is_empty(), "it is not due yet");
        service.execute("UPDATE job_orders SET due_at_us = 0").await;
        let orders = service.orders("remind").await;
        let id = poll.path.rsplit('/').next().unwrap();
        assert_eq!(orders, [json!({"poll": id, "deadline": "2100-03-05T17:00:00Z"})]);
        let path = format!("{}/reminders", poll.path);
        let old = json!({"deadline": "2100-03-04T17:00:00Z"});
        assert_eq!(service.by("", Method::POST, &path, old).await.is(200).json(), json!({"reminded": 0}));
        for reminded in [1, 0] {
            let reply = service.by("", Method::POST, &path, body.clone()).await.is(200).json();
            assert_eq!(reply, json!({"reminded": reminded}));
        }
        let reminders = service.mails().await;
        assert_eq!(purposes(&reminders), [("bob@example.com", "reminder", 0)]);
        // Both links are theirs.
        for mail in [&invitations[1], &reminders[0]] {
            let bob = of_link(&poll, mail);
            service.by(&bob.token, Method::GET, &format!("{}/answer", bob.path), Value::Null).await.is(200);
        }
        service.answer(&of_link(&poll, &reminders[0]), an_answer()).await.is(200);
        service.get(&format!("/mails/{}", reminders[0]["id"].as_str().unwrap())).await.is(404);
        service.by(&poll.admin, Method::PATCH, &poll.path, json!({"remind": false})).await.is(200);
        service.execute("UPDATE job_orders SET due_at_us = 0, leased_until_us = 0").await;
        assert!(service.orders("remind").await.is_empty());
    }
}

#[tokio::test]
async fn only_those_are_reminded_whose_answer_can_still_change_something() {
    let service = Service::start(&[]).await;
    let poll = service.poll(with_deadline(json!({"remind": true}))).await;
    service.invite(&poll, json!([{"email": "ada@example.com"}, {"email": "bob@example.com"}])).await.is(202);
    let bob = of_link(&poll, &service.mails().await[1]);
    let path = format!("{}/reminders", poll.path);
    let due = |awaited: Value| json!({"deadline": "2100-03-04T17:00:00Z", "awaited": awaited});
    for (awaited, reminded) in
        [(json!([]), 0), (json!([bob.id]), 1), (json!([bob.id, "x"]), 0), (Value::Null, 1)]
    {
        let reply = service.by("", Method::POST, &path, due(awaited)).await.is(200).json();
        assert_eq!(reply, json!({"reminded": reminded}));
    }
    let reminders = service.mails().await;
    let purposes = purposes(&reminders);
    assert_eq!(purposes, [("ada@example.com", "reminder", 0), ("bob@example.com", "reminder", 0)]);
}

#[tokio::test]
async fn the_organiser_hears_once_that_the_best_time_is_settled() {
    for service in Service::both().await {
        let poll = service.poll(json!({"organiser_email": "org@example.com"})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        service.join(&poll, "Bob", json!({})).await;
        let version = service.answer(&ada, an_answer()).await.is(200).json()["version"].clone();
        assert!(
            service.orders("check-settled").await.is_empty(),
            "answers of some seconds are looked at together"
        );
        service.execute("UPDATE job_orders SET due_at_us = 0").await;
        let id = poll.path.rsplit('/').next().unwrap();
        assert_eq!(service.orders("check-settled").await, [json!({"poll": id})]);
        let first = json!({"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z"});
        let path = format!("{}/settled", poll.path);
        let tell = async |version: Value| {
            service.by("", Method::POST, &path, json!({"version": version, "first": first})).await
        };
        tell(json!(version.as_i64().unwrap() - 1)).await.is(409);
        for _ in 0..2 {
            tell(version.clone()).await.is(204);
        }
        let mails = service.mails().await;
        assert_eq!(purposes(&mails), [("org@example.com", "settled", 0)]);
        assert_eq!(mails[0]["content"]["first"], first);
        // What was told once is not looked at again.
        service.answer(&ada, json!({"ranges": []})).await.is(200);
        service.execute("UPDATE job_orders SET due_at_us = 0, leased_until_us = 0").await;
        assert_eq!(
            service.orders("check-settled").await.len(),
            1,
            "the one of before, whose lease has ended"
        );
        service.decide(&poll, super::MEETING).await.is(200);
        tell(json!(99)).await.is(204);
        let gone = service.get(&format!("/mails/{}", mails[0]["id"].as_str().unwrap())).await;
        gone.is(404);
    }
}

#[tokio::test]
async fn nobody_is_reminded_of_a_poll_without_a_deadline() {
    let service = Service::start(&[]).await;
    let body = with(crate::support::poll(), json!({"remind": true}));
    assert_eq!(service.by("", Method::POST, "/polls", body).await.is(400).places(), ["remind"]);
    let poll = service.poll(with_deadline(json!({"remind": true}))).await;
    let change = json!({"deadline": null, "remind": true});
    assert_eq!(service.by(&poll.admin, Method::PATCH, &poll.path, change).await.is(400).places(), ["remind"]);
    let both = json!({"deadline": null, "remind": false, "organiser_email": "x", "language": "fr"});
    let places = service.by(&poll.admin, Method::PATCH, &poll.path, both).await.is(400).places();
    assert_eq!(places, ["organiser_email", "language"]);
    let change = json!({"deadline": null});
    let changed = service.by(&poll.admin, Method::PATCH, &poll.path, change).await.is(200).json();
    assert_eq!(changed["remind"], false, "there is nothing to remind of");
}
