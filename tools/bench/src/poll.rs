//! A poll with many answers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Context;
use futures::{TryStreamExt, stream};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::stack::{Part, Stack};

/// People who answer at once.
const AT_ONCE: usize = 16;
/// People of a large poll who answer; the others answer like one of them.
const ANSWERING: usize = 100;
/// Questions about a large poll that may be given up before it is measured.
const FIRST_TRIES: usize = 20;
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
    /// Those who have answered by themselves.
    pub(crate) participants: Vec<Participant>,
}

/// Somebody who takes part.
#[derive(Clone, Debug)]
pub(crate) struct Participant {
    number: usize,
    /// How often they have answered.
    turns: Arc<AtomicUsize>,
    pub(crate) token: String,
    /// Where their answer is.
    pub(crate) path: String,
}

impl Participant {
    /// One of two answers, by turns another one: the same again would change nothing.
    pub(crate) fn answer(&self, turn: usize) -> Value {
        answer(self.number + turn % 2)
    }

    /// Gives the other one of the two answers.
    pub(crate) async fn put(&self, http: &Client, users: &str) -> anyhow::Result<()> {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let put = http.put(format!("{users}{}", self.path)).bearer_auth(&self.token).json(&self.answer(turn));
        put.send().await?.error_for_status()?;
        Ok(())
    }
}

impl Poll {
    /// Stores a poll that so many people have answered.
    pub(crate) async fn store(stack: &Stack, participants: usize) -> anyhow::Result<Poll> {
        let (http, users) = (crate::http_client()?, stack.url(Part::Users)?);
        let (id, participants) = store_answered(&http, users, participants).await?;
        let map = format!("{}/polls/{id}/heatmap", stack.url(Part::Availability)?);
        let reply = http.get(&map).send().await?.error_for_status()?;
        let etag = reply.headers().get("etag").context("a heat map has no ETag")?.to_str()?.to_owned();
        Ok(Poll { id, etag, participants })
    }

    /// Stores a poll that so many people have answered, most of them like somebody else: by HTTP that would take minutes.
    pub(crate) async fn store_large(stack: &Stack, participants: usize) -> anyhow::Result<Poll> {
        let poll = Poll::store(stack, ANSWERING).await?;
        for statement in LIKE_SOMEBODY_ELSE {
            let given = i64::try_from(ANSWERING)?;
            stack.execute(statement, &poll.id, given, i64::try_from(participants)?).await?;
        }
        poll.first_windows(stack).await?;
        Ok(poll)
    }

    /// Asks for windows until there are some: on a busy machine the services give up a first question of this size, and
    /// know the poll at the next.
    async fn first_windows(&self, stack: &Stack) -> anyhow::Result<()> {
        let (http, url) = (crate::http_client()?, stack.url(Part::Suggestion)?);
        let mut status = StatusCode::SERVICE_UNAVAILABLE;
        for _ in 0..FIRST_TRIES {
            status = http.post(format!("{url}/polls/{}/suggestions", self.id)).send().await?.status();
            if status != StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
        }
        anyhow::ensure!(status == StatusCode::OK, "windows of a large poll: {status}");
        Ok(())
    }
}

/// Stores a poll through user-service, which `participants` people have answered; its id and they.
pub(crate) async fn store_answered(
    http: &Client,
    users: &str,
    participants: usize,
) -> anyhow::Result<(String, Vec<Participant>)> {
    let poll = post(http, &format!("{users}/polls"), &new_poll()).await?;
    let id = member(&poll, "id")?;
    let path = format!("/polls/{id}/participants");
    let taking_part = stream::iter((0..participants).map(Ok::<_, anyhow::Error>));
    let participants = taking_part
        .map_ok(|number| take_part(http, users, &path, number))
        .try_buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok((id, participants))
}

/// As `POST /polls` takes it.
pub(crate) fn new_poll() -> Value {
    json!({"title": "Planning", "kind": "dates", "dates": DATES, "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "17:00", "granularity_minutes": 30, "duration_minutes": 60})
}

/// The statements that let more people take part in the poll `$1`, of which `$2` have answered, until they are `$3`.
const LIKE_SOMEBODY_ELSE: [&str; 3] = [
    "INSERT INTO participants (poll_id, number, id, edit_token_hash, version, name, time_zone, required, working_hours) \
     SELECT poll_id, n, translate(rtrim(encode(decode(md5(poll_id || n), 'hex'), 'base64'), '='), '+/', '-_'), \
     md5(poll_id || '-' || n), version, 'Person ' || n, time_zone, required, working_hours \
     FROM participants, generate_series($2 + 1, $3) AS n WHERE poll_id = $1 AND number = 1 + n % $2",
    "INSERT INTO answers (poll_id, number, version, answered_at_us, from_schedule, yes, if_needed) \
     SELECT poll_id, n, version, answered_at_us, from_schedule, yes, if_needed \
     FROM answers, generate_series($2 + 1, $3) AS n WHERE poll_id = $1 AND number = 1 + n % $2",
    "UPDATE polls SET participants = $3, participants_ever = $3, version = version + 1 \
     WHERE id = $1 AND participants = $2",
];

/// Joins and answers.
async fn take_part(http: &Client, users: &str, path: &str, number: usize) -> anyhow::Result<Participant> {
    let body = json!({"name": format!("Person {number}"), "time_zone": "Europe/Berlin"});
    let joined = post(http, &format!("{users}{path}"), &body).await?;
    let participant = Participant {
        number,
        turns: Arc::default(),
        token: member(&joined, "edit_token")?,
        path: format!("{path}/{}/answer", member(&joined, "id")?),
    };
    participant.put(http, users).await?;
    Ok(participant)
}

/// Three hours on each of some days.
pub(crate) fn answer(number: usize) -> Value {
    let ranges = DATES.iter().enumerate().filter(|(day, _)| !(number + day).is_multiple_of(3)).map(|(day, date)| {
        let hour = 8 + (number * 7 + day * 3) % 5;
        let level = if (number + day).is_multiple_of(4) { "if_needed" } else { "yes" };
        json!({"start": format!("{date}T{hour:02}:00:00Z"), "end": format!("{date}T{:02}:00:00Z", hour + 3),
            "level": level})
    });
    json!({"ranges": ranges.collect::<Vec<_>>()})
}

async fn post(http: &Client, url: &str, body: &Value) -> anyhow::Result<Value> {
    Ok(http.post(url).json(body).send().await?.error_for_status()?.json().await?)
}

fn member(body: &Value, name: &str) -> anyhow::Result<String> {
    Ok(body[name].as_str().with_context(|| format!("a reply has no {name}"))?.to_owned())
}
