//! Whom organisers invite.

use axum::http::Method;
use serde_json::{Value, json};

use super::{MEETING, an_answer, of_link};
use crate::support::Service;

#[tokio::test]
async fn whoever_is_invited_takes_part_by_a_link_of_their_own() {
    for service in Service::both().await {
        let poll = service.poll(json!({"language": "de"})).await;
        let people = json!([
            {"email": "ada@example.com", "name": "Ada", "time_zone": "America/New_York", "language": "en"},
            {"email": "bob@example.com"},
        ]);
        let reply = service.invite(&poll, people.clone()).await.is(202).json();
        assert_eq!(reply, json!({"invited": 2, "skipped": []}));
        let mails = service.mails().await;
        let [ada, bob] = &mails[..] else { panic!("{mails:?}") };
        assert_eq!(
            (ada["language"].as_str(), ada["time_zone"].as_str()),
            (Some("en"), Some("America/New_York"))
        );
        assert_eq!(
            (bob["language"].as_str(), bob["time_zone"].as_str()),
            (Some("de"), Some("Europe/Berlin"))
        );
        assert_eq!((&ada["recipient"]["name"], &bob["recipient"]["name"]), (&json!("Ada"), &json!("bob")));
        assert_eq!(ada["poll"]["title"], "Retrospective");
        let one = of_link(&poll, ada);
        service.answer(&one, an_answer()).await.is(200);
        assert_ne!(one.token, of_link(&poll, bob).token);
        // Once it is sent nobody can read the link any more.
        service.report(ada, json!({"state": "sent"})).await;
        let sent = service.get(&format!("/mails/{}", ada["id"].as_str().unwrap())).await.is(200).json();
        assert_eq!((&sent["state"], &sent["content"]["link"]), (&json!("sent"), &json!("")));
        let again = service.invite(&poll, people).await.is(202).json();
        let already = |email: &str| json!({"email": email, "reason": "already_invited"});
        assert_eq!(
            again,
            json!({"invited": 0, "skipped": [already("ada@example.com"), already("bob@example.com")]})
        );
        assert!(service.mails().await.is_empty());
        let shown = service.get(&poll.path).await.is(200);
        assert!(
            !shown.text.contains("example.com") && shown.json()["participants_total"] == 2,
            "{}",
            shown.text
        );
    }
}

#[tokio::test]
async fn only_the_organiser_invites_and_every_fault_is_named() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    let participant = service.join(&poll, "Ada", json!({})).await;
    let path = format!("{}/invitations", poll.path);
    let body = json!({"people": [{"email": "ada@example.com"}]});
    service.by("", Method::POST, &path, body.clone()).await.is(401);
    service.by(&participant.token, Method::POST, &path, body.clone()).await.is(403);
    service.by(&poll.admin, Method::POST, "/polls/AAAAAAAAAAAAAAAAAAAAAA/invitations", body).await.is(404);
    let faulty = json!([{"email": "x", "language": "fr"}, {"name": "Bob", "time_zone": "Berlin"}]);
    let places = service.invite(&poll, faulty).await.is(400).places();
    assert_eq!(places, ["people.0.email", "people.0.language", "people.1.email", "people.1.time_zone"]);
    let beyond = service.invite(&poll, json!([{"email": "größe@example.com"}])).await.is(202).json();
    assert_eq!(beyond["skipped"][0]["reason"], "not_deliverable");
    service.decide(&poll, MEETING).await.is(200);
    service.invite(&poll, json!([{"email": "bob@example.com"}])).await.is(409);
    assert!(service.mails().await.is_empty());
}

#[tokio::test]
async fn a_poll_sends_so_many_invitations_in_an_hour_and_nobody_gets_more_mails_than_a_few_in_a_day() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    let people = |from: usize, to: usize| -> Value {
        (from..to).map(|number| json!({"email": format!("p{number}@example.com")})).collect()
    };
    service.invite(&poll, people(0, 200)).await.is(202);
    service.invite(&poll, people(200, 400)).await.is(202);
    let refused = service.invite(&poll, people(400, 501)).await.is(429);
    assert!(refused.text.contains("invitations_per_hour") && refused.header("retry-after") == "3600");
    service.invite(&poll, people(400, 500)).await.is(202);
    let limits = service.get("/limits").await.is(200).json();
    assert_eq!((&limits["invitations"], &limits["invitations_per_hour"]), (&json!(200), &json!(500)));
    let most = limits["mails_per_day"].as_u64().unwrap();
    for _ in 0..most {
        let poll = service.poll(json!({})).await;
        service.invite(&poll, json!([{"email": "ada@example.com"}])).await.is(202);
    }
    let poll = service.poll(json!({})).await;
    let skipped = service.invite(&poll, json!([{"email": "ADA@example.com"}])).await.is(202).json();
    assert_eq!(skipped["skipped"], json!([{"email": "ADA@example.com", "reason": "too_many_mails"}]));
}
