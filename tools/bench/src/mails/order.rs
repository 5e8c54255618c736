//! Invitations that wait to be sent.

use anyhow::{Context, ensure};
use futures::{TryStreamExt, stream};
use reqwest::Client;
use serde_json::{Value, json};

/// Invitations of one poll, which sends no more in an hour, and of one request.
const OF_POLL: usize = 400;
const OF_REQUEST: usize = 50;
/// Polls that are made at once.
const AT_ONCE: usize = 2;

/// Has polls of the user-service at the URL `users` invite so many people; each `run` invites others.
pub(crate) async fn invite(http: &Client, users: &str, run: &str, people: usize) -> anyhow::Result<()> {
    let starts = (0..people).step_by(OF_POLL).map(Ok::<_, anyhow::Error>);
    let polls = stream::iter(starts);
    polls
        .try_for_each_concurrent(AT_ONCE, async |start| {
            invite_to_one(http, users, run, start, people.min(start + OF_POLL)).await
        })
        .await
}

async fn invite_to_one(
    http: &Client,
    users: &str,
    run: &str,
    start: usize,
    end: usize,
) -> anyhow::Result<()> {
    let body = json!({"title": "Planning", "description": "What we do next year, and who does it.",
        "location": "Room 3", "kind": "dates", "dates": ["2027-03-02", "2027-03-03"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "17:00", "granularity_minutes": 30,
        "duration_minutes": 60, "organiser_email": "organiser@example.com"});
    let poll: Value =
        http.post(format!("{users}/polls")).json(&body).send().await?.error_for_status()?.json().await?;
    let (id, token) =
        (poll["id"].as_str().context("no id")?, poll["admin_token"].as_str().context("no token")?);
    for first in (start..end).step_by(OF_REQUEST) {
        let person = |number| json!({"email": format!("guest.{run}.{number}@example.com"), "name": format!("Guest {number}")});
        let people: Vec<Value> = (first..end.min(first + OF_REQUEST)).map(person).collect();
        let request = http.post(format!("{users}/polls/{id}/invitations")).bearer_auth(token);
        let invited = people.len();
        let reply = request.json(&json!({"people": people})).send().await?.error_for_status()?;
        let reply: Value = reply.json().await?;
        ensure!(reply["invited"] == invited, "not everybody was invited: {reply}");
    }
    Ok(())
}
