//! Who gets no mail, and what is kept of mails.

use axum::http::Method;
use serde_json::{Value, json};

use super::MEETING;
use crate::support::Service;

#[tokio::test]
async fn who_wants_no_mails_gets_none_and_whose_server_refuses_them_neither() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let people = json!([{"email": "ada@example.com"}, {"email": "bob@example.com"}]);
        service.invite(&poll, people.clone()).await.is(202);
        let mails = service.mails().await;
        let asked = service
            .ask(
                Method::GET,
                "/unsubscribe?token=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                &[("accept-language", "de-AT,en")],
                "",
            )
            .await
            .is(200);
        assert!(asked.text.contains("<form method=\"post\">") && asked.text.contains("lang=\"de\""));
        assert!(asked.header("content-security-policy").starts_with("default-src 'none'"));
        service
            .ask(Method::POST, "/unsubscribe?token=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[], "")
            .await
            .is(404);
        service.ask(Method::POST, "/unsubscribe", &[], "").await.is(400);
        for _ in 0..2 {
            service.unsubscribe(&mails[0]).await.is(200);
        }
        let bounced = json!({"state": "failed", "error": "550 no such user", "bounced": true});
        service.report(&mails[1], bounced).await;
        // The invitation itself is not sent any more.
        service.get(&format!("/mails/{}", mails[0]["id"].as_str().unwrap())).await.is(404);
        service.decide(&poll, MEETING).await.is(200);
        assert!(service.mails().await.is_empty());
        let other = service.poll(json!({})).await;
        let reply = service.invite(&other, people).await.is(202).json();
        assert_eq!(
            reply,
            json!({"invited": 0, "skipped": [
                {"email": "ada@example.com", "reason": "unsubscribed"},
                {"email": "bob@example.com", "reason": "bounced"},
            ]})
        );
    }
}

#[tokio::test]
async fn of_a_person_who_is_deleted_no_mail_is_kept() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let poll = service.poll(json!({})).await;
        service.invite(&poll, json!([{"email": "ada@example.com"}])).await.is(202);
        let [mail] = &service.mails().await[..] else { panic!("one mail was ordered") };
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await;
        service.get(&format!("/mails/{}", mail["id"].as_str().unwrap())).await.is(404);
    }
}

#[tokio::test]
async fn an_outcome_is_noted_once_and_counts_no_more_as_waiting() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    service.invite(&poll, json!([{"email": "ada@example.com"}])).await.is(202);
    let [mail] = &service.mails().await[..] else { panic!("one mail was ordered") };
    service.report(mail, json!({"state": "sent"})).await;
    service.report(mail, json!({"state": "failed", "error": "late", "bounced": false})).await;
    let read = service.get(&format!("/mails/{}", mail["id"].as_str().unwrap())).await.is(200).json();
    assert_eq!(read["state"], "sent");
    service.by("", Method::POST, "/mails/x/outcome", json!({"state": "sent"})).await.is(404);
    service.by("", Method::POST, "/mails/x/outcome", json!({"state": "lost"})).await.is(400);
}
