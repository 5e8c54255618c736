//! Every read of a poll, of every visibility, with every token.

use std::collections::BTreeMap;

use behaviour::{Reply, Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![every_read_of_every_visibility_shows_what_the_token_allows];

/// How much of a poll somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sees {
    Nothing,
    Numbers,
    Names,
}

use Sees::{Names, Nothing, Numbers};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    /// With a token that is none of this poll.
    Stranger,
    /// A participant who has not answered.
    Bob,
    /// A participant who has.
    Ada,
    Organiser,
}

/// What each visibility shows to anybody, to Bob and to Ada.
const SHOWN: [(&str, [Sees; 3]); 4] = [
    ("full", [Names, Names, Names]),
    ("counts", [Numbers, Numbers, Numbers]),
    ("after_answer", [Nothing, Nothing, Names]),
    ("blind", [Nothing, Nothing, Nothing]),
];

/// A poll that Ada has answered and Bob has not.
struct Poll {
    id: String,
    admin: String,
    ada: Participant,
    bob: Participant,
    /// Nobody is ever shown it.
    email: String,
}

struct Participant {
    id: String,
    token: String,
}

async fn poll(stage: &Stage, visibility: &str) -> anyhow::Result<Poll> {
    let body = json!({"title": "Planning", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "Etc/UTC",
        "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60,
        "visibility": visibility});
    let created = stage.api.post("/users/polls", &body).await?.is(201).json();
    let text = |reply: &Value, member: &str| reply[member].as_str().unwrap().to_owned();
    let id = text(&created, "id");
    let email = people::fresh_address("ada");
    let join = async |name: &str| {
        let body = json!({"name": name, "time_zone": "Etc/UTC", "email": email});
        let joined = stage.api.post(&format!("/users/polls/{id}/participants"), &body).await?.is(201).json();
        anyhow::Ok(Participant { id: text(&joined, "id"), token: text(&joined, "edit_token") })
    };
    let (ada, bob) = (join("Ada Lovelace").await?, join("Bob Martin").await?);
    let range = json!({"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T11:00:00Z", "level": "yes"});
    let path = format!("/users/polls/{id}/participants/{}/answer", ada.id);
    let answer = stage.api.call(Method::PUT, &path).json(&json!({"ranges": [range]}));
    answer.header("authorization", format!("Bearer {}", ada.token)).send().await?.is(200);
    Ok(Poll { admin: text(&created, "admin_token"), id, ada, bob, email })
}

impl Poll {
    /// Every read of it, by what it is called.
    async fn reads(
        &self,
        stage: &Stage,
        token: Option<&str>,
    ) -> anyhow::Result<BTreeMap<&'static str, Reply>> {
        let call = |method: Method, path: String| {
            let call = stage.api.call(method, &path);
            match token {
                Some(token) => call.header("authorization", format!("Bearer {token}")),
                None => call,
            }
        };
        let poll = format!("/users/polls/{}", self.id);
        let answer = |of: &Participant| format!("{poll}/participants/{}/answer", of.id);
        let mut replies = BTreeMap::new();
        for (name, path) in [
            ("poll", poll.clone()),
            ("grid", format!("{poll}/grid")),
            ("csv", format!("{poll}/export.csv")),
            ("json", format!("{poll}/export.json")),
            ("answer of Ada", answer(&self.ada)),
            ("answer of Bob", answer(&self.bob)),
            ("heat map", format!("/availability/polls/{}/heatmap", self.id)),
        ] {
            replies.insert(name, call(Method::GET, path).send().await?);
        }
        let suggestions = format!("/suggestion/polls/{}/suggestions", self.id);
        replies.insert("suggestions", call(Method::POST, suggestions).json(&json!({})).send().await?);
        // What has happened since the poll was made: two who take part, and an answer.
        let events = call(Method::GET, format!("{poll}/events")).header("last-event-id", "1");
        replies.insert("events", events.first_event().await?);
        Ok(replies)
    }

    fn token(&self, who: Who) -> Option<&str> {
        match who {
            Who::Nobody => None,
            Who::Stranger => Some("wrong"),
            Who::Bob => Some(&self.bob.token),
            Who::Ada => Some(&self.ada.token),
            Who::Organiser => Some(&self.admin),
        }
    }
}

/// The status of a read by somebody who sees so much.
fn status(read: &str, who: Who, sees: Sees) -> u16 {
    let without_right = if who == Who::Nobody { 401 } else { 403 };
    match (read, who) {
        (_, Who::Stranger) => 401,
        ("poll" | "grid" | "events", _) | (_, Who::Organiser) => 200,
        ("heat map" | "suggestions", _) if sees > Nothing => 200,
        ("answer of Ada", Who::Ada) | ("answer of Bob", Who::Bob) => 200,
        _ => without_right,
    }
}

/// How much of the poll a reply tells.
fn told(poll: &Poll, read: &str, reply: &Reply) -> Sees {
    let text = reply.text();
    let is_named = ["Ada Lovelace", "Bob Martin", &poll.ada.id, &poll.bob.id];
    if is_named.iter().any(|name| text.contains(name)) {
        return Names;
    }
    let has_numbers = match read {
        "events" => text.contains(r#""answered":1"#) && text.contains(r#""participants_total":2"#),
        "poll" => reply.json()["participants_total"] == 2,
        "heat map" => reply.json()["participants"] == 2,
        "suggestions" => reply.json()["windows"][0]["yes"] == 1,
        _ => false,
    };
    if has_numbers { Numbers } else { Nothing }
}

async fn every_read_of_every_visibility_shows_what_the_token_allows(stage: &Stage) -> anyhow::Result<()> {
    let other = poll(stage, "full").await?;
    for (visibility, [anybody, bob, ada]) in SHOWN {
        let poll = poll(stage, visibility).await?;
        for (who, sees) in [
            (Who::Nobody, anybody),
            (Who::Stranger, Nothing),
            (Who::Bob, bob),
            (Who::Ada, ada),
            (Who::Organiser, Names),
        ] {
            check(&poll, visibility, who, sees, &poll.reads(stage, poll.token(who)).await?);
        }
        // Rights to another poll are none to this one.
        for token in [&other.admin, &other.ada.token, &other.bob.token] {
            check(&poll, visibility, Who::Stranger, Nothing, &poll.reads(stage, Some(token)).await?);
        }
    }
    Ok(())
}

fn check(poll: &Poll, visibility: &str, who: Who, sees: Sees, replies: &BTreeMap<&'static str, Reply>) {
    for (read, reply) in replies {
        let text = reply.text();
        let case = format!("{read} of a poll that is {visibility} for {who:?}: {} {text}", reply.status);
        assert_eq!(reply.status, status(read, who, sees), "{case}");
        let expected = match *read {
            // Who may read an export at all sees everything in it.
            "csv" | "json" if reply.status == 200 => Names,
            // The grid and one's own answer tell of nobody.
            "grid" | "csv" | "json" | "answer of Ada" | "answer of Bob" => Nothing,
            _ if reply.status == 200 => sees,
            _ => Nothing,
        };
        assert_eq!(told(poll, read, reply), expected, "{case}");
        for secret in [&poll.email, &poll.admin, &poll.ada.token, &poll.bob.token] {
            assert!(!text.contains(secret.as_str()), "{case}");
        }
    }
}
