//! What polls say to people by mail, and who gets none.

mod invitations;
mod meetings;
mod refusals;
mod reminders;
mod replies;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Participant, Poll, Reply, Service, range, with};

const MEETING: (&str, &str) = ("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z");
const LATER: (&str, &str) = ("2026-03-06T11:00:00Z", "2026-03-06T12:00:00Z");

impl Service {
    pub(super) async fn invite(&self, poll: &Poll, people: Value) -> Reply {
        let path = format!("{}/invitations", poll.path);
        self.by(&poll.admin, Method::POST, &path, json!({"people": people})).await
    }

    pub(super) async fn decide(&self, poll: &Poll, (start, end): (&str, &str)) -> Reply {
        let path = format!("{}/decision", poll.path);
        self.by(&poll.admin, Method::PUT, &path, json!({"start": start, "end": end})).await
    }

    /// The payloads of the orders that are due, each given away once.
    pub(super) async fn orders(&self, kind: &str) -> Vec<Value> {
        let claim = self.by("", Method::POST, "/job-orders/claims", json!({"limit": 256})).await.is(200);
        let orders = claim.json()["orders"].as_array().unwrap().clone();
        orders
            .into_iter()
            .filter(|order| order["kind"] == kind)
            .map(|order| order["payload"].clone())
            .collect()
    }

    /// The mails that were ordered since the last call; those that need not be sent any more are `null`.
    pub(super) async fn mails(&self) -> Vec<Value> {
        let mut mails = Vec::new();
        for order in self.orders("mail").await {
            let reply = self.get(&format!("/mails/{}", order["mail"].as_str().unwrap())).await;
            mails.push(if reply.status == 404 { Value::Null } else { reply.is(200).json() });
        }
        mails.sort_by_key(|mail| mail["recipient"]["email"].to_string());
        mails
    }

    pub(super) async fn report(&self, mail: &Value, outcome: Value) {
        let path = format!("/mails/{}/outcome", mail["id"].as_str().unwrap());
        self.by("", Method::POST, &path, outcome).await.is(204);
    }

    pub(super) async fn unsubscribe(&self, mail: &Value) -> Reply {
        let url = mail["unsubscribe_url"].as_str().unwrap();
        let (_, query) = url.split_once('?').unwrap();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let path = format!("/unsubscribe?{query}");
        self.ask(Method::POST, &path, &headers, "List-Unsubscribe=One-Click").await
    }
}

/// Who a personal link is for, as the page reads it.
fn of_link(poll: &Poll, mail: &Value) -> Participant {
    let link = mail["content"]["link"].as_str().unwrap();
    let (page, secret) = link.split_once("#edit=").unwrap();
    assert_eq!(page, format!("http://localhost:8080{}", poll.path.replace("/polls/", "/p/")));
    let (id, token) = secret.split_once('.').unwrap();
    let path = format!("{}/participants/{id}", poll.path);
    Participant { path, id: id.to_owned(), token: token.to_owned() }
}

fn purposes(mails: &[Value]) -> Vec<(&str, &str, i64)> {
    let part = |mail: &'_ Value| -> i64 { mail["content"]["sequence"].as_i64().unwrap_or_default() };
    mails
        .iter()
        .map(|mail| {
            let purpose = mail["content"]["purpose"].as_str().unwrap();
            (mail["recipient"]["email"].as_str().unwrap(), purpose, part(mail))
        })
        .collect()
}

fn an_answer() -> Value {
    json!({"ranges": [range("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z", "yes")]})
}

/// Far enough away for every test.
fn with_deadline(members: Value) -> Value {
    with(json!({"deadline": "2100-03-04T17:00:00Z"}), members)
}
