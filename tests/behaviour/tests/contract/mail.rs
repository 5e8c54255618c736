//! Mail as the public meets it: inviting people, and getting no more.

use behaviour::{Reply, Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    an_organiser_invites_each_person_once,
    an_organisers_address_is_shown_to_the_organiser_alone,
    what_mails_are_is_for_the_services_alone,
    a_link_to_get_no_more_mails_asks_first_and_is_not_guessed,
    limits_of_mails_are_told,
];

struct Poll {
    path: String,
    admin: String,
}

impl Poll {
    async fn new(stage: &Stage, members: Value) -> anyhow::Result<Poll> {
        let mut body = json!({"title": "Planning", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "Etc/UTC",
            "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        let created = stage.api.post("/users/polls", &body).await?.is(201).json();
        let text = |member: &str| created[member].as_str().unwrap().to_owned();
        Ok(Poll { path: format!("/users/polls/{}", text("id")), admin: text("admin_token") })
    }

    async fn invite(&self, stage: &Stage, token: &str, body: &Value) -> anyhow::Result<Reply> {
        let call = stage.api.call(Method::POST, &format!("{}/invitations", self.path)).json(body);
        call.header("authorization", format!("Bearer {token}")).send().await
    }
}

async fn an_organiser_invites_each_person_once(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, json!({})).await?;
    let (ada, bob) = (people::fresh_address("Ada"), people::fresh_address("bob"));
    let body = json!({"people": [{"email": ada, "name": "Ada", "language": "de"}]});
    stage.api.post(&format!("{}/invitations", poll.path), &body).await?.is(401);
    let reply = poll.invite(stage, &poll.admin, &body).await?.is(202).json();
    assert_eq!(reply, json!({"invited": 1, "skipped": []}));
    let body = json!({"people": [{"email": ada}, {"email": bob}]});
    let reply = poll.invite(stage, &poll.admin, &body).await?.is(202).json();
    assert_eq!(reply, json!({"invited": 1, "skipped": [{"email": ada, "reason": "already_invited"}]}));
    let wrong = json!({"people": [{"email": "x"}, {"email": ada, "time_zone": "Berlin"}]});
    let faults = poll.invite(stage, &poll.admin, &wrong).await?.is(400).json();
    let places: Vec<String> =
        faults["detail"].as_array().unwrap().iter().map(|fault| fault["loc"].to_string()).collect();
    assert_eq!(places, [r#"["body","people",0,"email"]"#, r#"["body","people",1,"time_zone"]"#]);
    let shown = stage.api.get(&poll.path).await?.is(200);
    assert_eq!(shown.json()["participants_total"], 2);
    assert!(!shown.text().contains(&ada));
    Ok(())
}

async fn an_organisers_address_is_shown_to_the_organiser_alone(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("org");
    let members = json!({"organiser_email": email, "language": "de", "deadline": "2100-01-01T00:00:00Z", "remind": true});
    let poll = Poll::new(stage, members).await?;
    let shown = stage.api.get(&poll.path).await?.is(200);
    assert!(!shown.text().contains(&email));
    assert_eq!((&shown.json()["language"], &shown.json()["remind"]), (&json!("de"), &json!(true)));
    let call = stage.api.call(Method::GET, &poll.path);
    let own = call.header("authorization", format!("Bearer {}", poll.admin)).send().await?.is(200).json();
    assert_eq!(own["organiser_email"], email);
    let change = async |body: Value| {
        let call = stage.api.call(Method::PATCH, &poll.path).json(&body);
        call.header("authorization", format!("Bearer {}", poll.admin)).send().await
    };
    let refused = change(json!({"deadline": null, "remind": true})).await?.is(400).json();
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "remind"]));
    // There is nothing to remind of then.
    assert_eq!(change(json!({"deadline": null})).await?.is(200).json()["remind"], false);
    Ok(())
}

async fn what_mails_are_is_for_the_services_alone(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, json!({})).await?;
    for path in ["/users/mails/x", "/mails/x"] {
        stage.api.get(path).await?.is(404);
    }
    for path in ["/users/mails/x/outcome".to_owned(), format!("{}/reminders", poll.path)] {
        stage.api.post(&path, &json!({"state": "sent"})).await?.is(404);
    }
    stage.api.post("/worker/tasks", &json!({"kind": "mail", "mail": "x"})).await?.is(422);
    Ok(())
}

async fn a_link_to_get_no_more_mails_asks_first_and_is_not_guessed(stage: &Stage) -> anyhow::Result<()> {
    let page = stage
        .api
        .call(Method::GET, "/users/unsubscribe?token=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        .send_unchecked()
        .await?
        .is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("<form method=\"post\">"));
    stage.api.get("/users/unsubscribe").await?.is(400);
    stage
        .api
        .call(Method::POST, "/users/unsubscribe?token=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        .send()
        .await?
        .is(404);
    Ok(())
}

async fn limits_of_mails_are_told(stage: &Stage) -> anyhow::Result<()> {
    let limits = stage.api.get("/users/limits").await?.is(200).json();
    for limit in ["invitations", "invitations_per_hour", "mails_per_day"] {
        assert!(limits[limit].as_u64().is_some_and(|most| most > 0), "{limit}");
    }
    Ok(())
}
