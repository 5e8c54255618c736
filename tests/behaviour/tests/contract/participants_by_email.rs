//! Participants whom a question names by their address.

use behaviour::{Reply, Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    an_organiser_names_participants_by_their_addresses,
    an_address_is_neither_shown_nor_found_out_by_anybody_else,
];

/// A poll that everybody may see, with Ada, who never can, and Bob and Bea, who have one address and always can.
struct Poll {
    path: String,
    admin: String,
    ada: String,
    ada_token: String,
    ada_email: String,
    bobs: [String; 2],
    bobs_email: String,
}

fn text(reply: &Value, member: &str) -> String {
    reply[member].as_str().unwrap().to_owned()
}

impl Poll {
    async fn new(stage: &Stage) -> anyhow::Result<Poll> {
        let body = json!({"title": "Planning", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "Etc/UTC",
            "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
        let created = stage.api.post("/users/polls", &body).await?.is(201).json();
        let id = text(&created, "id");
        let (ada_email, bobs_email) = (people::fresh_address("Ada"), people::fresh_address("bob"));
        let join = async |name: &str, email: &str, ranges: Value| {
            let participants = format!("/users/polls/{id}/participants");
            let body = json!({"name": name, "time_zone": "Etc/UTC", "email": email});
            let joined = stage.api.post(&participants, &body).await?.is(201).json();
            let (own, token) = (text(&joined, "id"), text(&joined, "edit_token"));
            let path = format!("{participants}/{own}/answer");
            let put = stage.api.call(Method::PUT, &path).json(&json!({"ranges": ranges}));
            put.header("authorization", format!("Bearer {token}")).send().await?.is(200);
            anyhow::Ok((own, token))
        };
        let always =
            json!([{"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T12:00:00Z", "level": "yes"}]);
        let (ada, ada_token) = join("Ada", &ada_email, json!([])).await?;
        let (bob, _) = join("Bob", &bobs_email, always.clone()).await?;
        let (bea, _) = join("Bea", &bobs_email, always).await?;
        let path = format!("/suggestion/polls/{id}/suggestions");
        let admin = text(&created, "admin_token");
        Ok(Poll { path, admin, ada, ada_token, ada_email, bobs: [bob, bea], bobs_email })
    }

    async fn ask(&self, stage: &Stage, token: Option<&str>, options: &Value) -> anyhow::Result<Reply> {
        let call = stage.api.call(Method::POST, &self.path).json(options);
        match token {
            Some(token) => call.header("authorization", format!("Bearer {token}")).send().await,
            None => call.send().await,
        }
    }

    fn hidden(&self, reply: &Reply) {
        let text = reply.text().to_lowercase();
        for email in [&self.ada_email, &self.bobs_email] {
            assert!(!text.contains(&email.to_lowercase()), "{text}");
        }
    }
}

async fn an_organiser_names_participants_by_their_addresses(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage).await?;
    let admin = Some(poll.admin.as_str());
    let required = json!({"required": [poll.ada_email.to_uppercase()]});
    let without = poll.ask(stage, admin, &required).await?.is(200);
    poll.hidden(&without);
    let reason = &without.json()["empty_reason"];
    assert_eq!(reason, &json!({"code": "required_never_free", "people": [poll.ada]}));
    // An address stands for everybody who has given it, beside ids.
    let both = json!({"required": [poll.bobs[0]], "groups": [{"members": [poll.bobs_email], "required": 1}]});
    let asked = poll.ask(stage, admin, &both).await?.is(200);
    poll.hidden(&asked);
    assert_eq!(asked.json()["windows"][0]["yes"], 2);
    let more_than_there_are = json!({"groups": [{"members": [poll.bobs_email, poll.ada], "required": 2}]});
    assert_eq!(poll.ask(stage, admin, &more_than_there_are).await?.is(200).json()["windows"][0]["yes"], 2);

    let nobody = people::fresh_address("nobody");
    for (options, loc) in [
        (json!({"required": [poll.ada_email, nobody]}), json!(["body", "required", 1])),
        (
            json!({"groups": [{"members": [poll.bobs_email, nobody], "required": 1}]}),
            json!(["body", "groups", 0, "members", 1]),
        ),
        (json!({"required": ["@"]}), json!(["body", "required", 0])),
    ] {
        let refused = poll.ask(stage, admin, &options).await?.is(400).json();
        assert_eq!(
            (&refused["detail"][0]["loc"], refused["detail"].as_array().map(Vec::len)),
            (&loc, Some(1))
        );
    }
    Ok(())
}

async fn an_address_is_neither_shown_nor_found_out_by_anybody_else(stage: &Stage) -> anyhow::Result<()> {
    let (poll, other) = (Poll::new(stage).await?, Poll::new(stage).await?);
    let nobody = people::fresh_address("nobody");
    for email in [&poll.ada_email, &poll.bobs_email, &nobody] {
        let required = json!({"required": [email]});
        // Whoever asks for an address learns the same whether it takes part or not.
        for (token, status) in [
            (None, 401),
            (Some("wrong"), 401),
            (Some(other.admin.as_str()), 401),
            (Some(&poll.ada_token), 403),
        ] {
            let refused = poll.ask(stage, token, &required).await?.is(status);
            let msg = refused.json()["detail"][0]["msg"].clone();
            assert_eq!(msg, "Only the organiser of the poll may name participants by their address");
            poll.hidden(&refused);
        }
    }
    let id = poll.path.split('/').nth(3).unwrap();
    for path in [
        format!("/users/polls/{id}/participants-by-email"),
        format!("/availability/polls/{id}/participants-by-email"),
    ] {
        let body = json!({"addresses": [poll.ada_email]});
        let call = stage.api.call(Method::POST, &path).json(&body);
        call.header("authorization", format!("Bearer {}", poll.admin)).send().await?.is(404);
    }
    Ok(())
}
