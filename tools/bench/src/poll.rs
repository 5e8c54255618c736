//! A poll with many answers.

use anyhow::Context;
use futures::{TryStreamExt, stream};
use reqwest::Client;
use serde_json::{Value, json};

use crate::stack::{Part, Stack};

/// People who answer at once.
const AT_ONCE: usize = 16;
/// Two weeks of working days.
const DATES: [&str; 10] = [
    "2026-03-02",
    "2026-03-03",
    "2026-03-04",
    "2026-03-05",
    "2026-03-06",
    "2026-03-09",
    "2026-03-10",
    "2026-03-11",
    "2026-03-12",
    "2026-03-13",
];

/// What there is to know of it for asking about it.
pub(crate) struct Poll {
    pub(crate) id: String,
    /// Of its heat map.
    pub(crate) etag: String,
}

impl Poll {
    /// Stores a poll that so many people have answered.
    pub(crate) async fn store(stack: &Stack, participants: usize) -> anyhow::Result<Poll> {
        let (http, users) = (crate::http_client()?, stack.url(Part::Users)?);
        let body = json!({"title": "Planning", "kind": "dates", "dates": DATES, "time_zone": "Europe/Berlin",
            "from": "09:00", "to": "17:00", "granularity_minutes": 30, "duration_minutes": 60});
        let poll = post(&http, &format!("{users}/polls"), &body).await?;
        let id = member(&poll, "id")?;
        let participants_url = format!("{users}/polls/{id}/participants");
        stream::iter((0..participants).map(Ok))
            .try_for_each_concurrent(AT_ONCE, |number| take_part(&http, &participants_url, number))
            .await?;
        let map = format!("{}/polls/{id}/heatmap", stack.url(Part::Availability)?);
        let reply = http.get(&map).send().await?.error_for_status()?;
        let etag = reply.headers().get("etag").context("a heat map has no ETag")?.to_str()?.to_owned();
        Ok(Poll { id, etag })
    }
}

/// Joins, and answers for three hours on each of some days.
async fn take_part(http: &Client, participants: &str, number: usize) -> anyhow::Result<()> {
    let body = json!({"name": format!("Person {number}"), "time_zone": "Europe/Berlin"});
    let joined = post(http, participants, &body).await?;
    let ranges = DATES.iter().enumerate().filter(|(day, _)| !(number + day).is_multiple_of(3)).map(|(day, date)| {
        let hour = 8 + (number * 7 + day * 3) % 5;
        let level = if (number + day).is_multiple_of(4) { "if_needed" } else { "yes" };
        json!({"start": format!("{date}T{hour:02}:00:00Z"), "end": format!("{date}T{:02}:00:00Z", hour + 3),
            "level": level})
    });
    let answer = json!({"ranges": ranges.collect::<Vec<_>>()});
    let url = format!("{participants}/{}/answer", member(&joined, "id")?);
    http.put(url)
        .bearer_auth(member(&joined, "edit_token")?)
        .json(&answer)
        .send()
        .await?
        .error_for_status()?;
    Ok(())
}

async fn post(http: &Client, url: &str, body: &Value) -> anyhow::Result<Value> {
    Ok(http.post(url).json(body).send().await?.error_for_status()?.json().await?)
}

fn member(body: &Value, name: &str) -> anyhow::Result<String> {
    Ok(body[name].as_str().with_context(|| format!("a reply has no {name}"))?.to_owned())
}
