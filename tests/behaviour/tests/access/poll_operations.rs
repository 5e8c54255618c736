//! Every operation of a poll is asked by everybody who may have some token of it.

use anyhow::Context;
use behaviour::{Api, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Form;
use wire::ACCESS_RULES;

use crate::{people::ask, platform};

/// Which token of the poll an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// None: whoever has the link may.
    Link,
    /// That of the participant whom it is about, or the organiser's.
    Participant,
    /// The organiser's.
    Organiser,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Somebody who has the link.
    Nobody,
    /// The organiser of another poll.
    OfAnotherPoll,
    OtherParticipant,
    Participant,
    Organiser,
}

const ALL: [Who; 5] =
    [Who::Nobody, Who::OfAnotherPoll, Who::OtherParticipant, Who::Participant, Who::Organiser];

/// What each operation needs, and a body that is good enough to be looked at.
fn operations() -> Vec<(&'static str, &'static str, Needs, Value)> {
    use Needs::{Link, Organiser, Participant};
    let person = || json!({"name": "Eve", "time_zone": "Etc/UTC"});
    let meeting = json!({"start": "2036-01-07T10:00:00Z", "end": "2036-01-07T11:00:00Z"});
    vec![
        ("GET", "/users/polls/{id}", Link, Value::Null),
        ("PATCH", "/users/polls/{id}", Organiser, json!({"title": "Dinner"})),
        ("DELETE", "/users/polls/{id}", Organiser, Value::Null),
        ("POST", "/users/polls/{id}/restore", Organiser, Value::Null),
        ("POST", "/users/polls/{id}/duplicate", Organiser, json!({})),
        ("GET", "/users/polls/{id}/events", Link, Value::Null),
        ("GET", "/users/polls/{id}/export", Organiser, Value::Null),
        ("GET", "/users/polls/{id}/export.csv", Organiser, Value::Null),
        ("GET", "/users/polls/{id}/export.json", Organiser, Value::Null),
        ("GET", "/users/polls/{id}/grid", Link, Value::Null),
        ("GET", "/users/polls/{id}/meeting.ics", Link, Value::Null),
        ("PUT", "/users/polls/{id}/decision", Organiser, meeting),
        ("DELETE", "/users/polls/{id}/decision", Organiser, Value::Null),
        (
            "POST",
            "/users/polls/{id}/invitations",
            Organiser,
            json!({"people": [{"email": "eve@example.com"}]}),
        ),
        ("POST", "/users/polls/{id}/participants", Link, person()),
        ("PATCH", "/users/polls/{id}/participants/{pid}", Participant, json!({"name": "Ada L."})),
        ("DELETE", "/users/polls/{id}/participants/{pid}", Participant, Value::Null),
        ("DELETE", "/users/polls/{id}/participants/{pid}/proposal", Organiser, Value::Null),
        ("GET", "/users/polls/{id}/participants/{pid}/answer", Participant, Value::Null),
        ("PUT", "/users/polls/{id}/participants/{pid}/answer", Participant, json!({"ranges": []})),
        ("GET", "/availability/polls/{id}/heatmap", Link, Value::Null),
        ("POST", "/suggestion/polls/{id}/suggestions", Link, json!({})),
    ]
}

/// The status by which somebody is refused, if they are.
fn refusal(needs: Needs, who: Who) -> Option<u16> {
    match (who, needs) {
        (Who::OfAnotherPoll, _) => Some(401),
        (_, Needs::Link) | (Who::Organiser, _) | (Who::Participant, Needs::Participant) => None,
        (Who::Nobody, _) => Some(401),
        (Who::Participant | Who::OtherParticipant, _) => Some(403),
    }
}

/// A poll with two participants.
struct Lunch {
    id: String,
    participant: String,
    admin_token: String,
    edit_tokens: [String; 2],
}

impl Lunch {
    async fn make(api: &Api) -> anyhow::Result<Lunch> {
        let poll = json!({"title": "Lunch", "kind": "dates", "dates": ["2036-01-07"], "time_zone": "Etc/UTC",
            "from": "09:00", "to": "17:00", "granularity_minutes": 60, "duration_minutes": 60});
        let made = api.post("/users/polls", &poll).await?.is(201).json();
        let id = text(&made, "id");
        let join = async |name: &str| {
            let participant = json!({"name": name, "time_zone": "Etc/UTC"});
            let joined = api.post(&format!("/users/polls/{id}/participants"), &participant).await?;
            anyhow::Ok(joined.is(201).json())
        };
        let (ada, bob) = (join("Ada").await?, join("Bob").await?);
        Ok(Lunch {
            participant: text(&ada, "id"),
            admin_token: text(&made, "admin_token"),
            edit_tokens: [text(&ada, "edit_token"), text(&bob, "edit_token")],
            id,
        })
    }

    fn path(&self, route: &str) -> String {
        route.replace("{id}", &self.id).replace("{pid}", &self.participant)
    }

    fn token(&self, who: Who) -> Option<&str> {
        match who {
            Who::Nobody => None,
            Who::OfAnotherPoll | Who::Organiser => Some(&self.admin_token),
            Who::Participant => Some(&self.edit_tokens[0]),
            Who::OtherParticipant => Some(&self.edit_tokens[1]),
        }
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

async fn every_operation_of_a_poll_asks_for_its_token(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let another = Lunch::make(&api).await?;
    let mut wrong = Vec::new();
    for (method, route, needs, body) in operations() {
        let lunch = Lunch::make(&api).await?;
        if route.ends_with("/restore") {
            let path = lunch.path("/users/polls/{id}");
            ask(&api, Method::DELETE, &path, Some(&lunch.admin_token), None).await?.is(204);
        }
        // Who is let in comes last, and may change what the others were refused.
        for who in ALL {
            let token = if who == Who::OfAnotherPoll { &another } else { &lunch }.token(who);
            let method: Method = method.parse().context("no method")?;
            let body = Some(&body).filter(|body| !body.is_null());
            let reply = if route.ends_with("/events") {
                events(&api, &lunch.path(route), token).await?
            } else {
                ask(&api, method.clone(), &lunch.path(route), token, body).await?
            };
            let refused = Some(reply.status).filter(|status| [400, 401, 403, 422].contains(status));
            if refused != refusal(needs, who) {
                wrong.push(format!("{method} {route} by {who:?}: {} {}", reply.status, reply.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{form:?}:\n{}", wrong.join("\n"));
    Ok(())
}

async fn events(api: &Api, path: &str, token: Option<&str>) -> anyhow::Result<Reply> {
    let call = api.call(Method::GET, path);
    match token {
        Some(token) => call.header("authorization", format!("Bearer {token}")).first_event().await,
        None => call.first_event().await,
    }
}

#[test]
fn every_operation_of_polls_is_asked() {
    let of_polls = ACCESS_RULES
        .iter()
        .filter(|rule| rule.path.contains("/polls/{id}") && !rule.path.starts_with("/users/account/"));
    let mut rules: Vec<(&str, &str)> = of_polls.map(|rule| (rule.method, rule.path)).collect();
    let mut asked: Vec<(&str, &str)> =
        operations().into_iter().map(|(method, path, ..)| (method, path)).collect();
    rules.sort_unstable();
    asked.sort_unstable();
    assert_eq!(asked, rules);
}

in_each_form![every_operation_of_a_poll_asks_for_its_token];
