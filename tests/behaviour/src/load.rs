//! Clients that work without pause while something breaks, and remember what was acknowledged.

use anyhow::{Context, ensure};
use serde_json::json;

use crate::{Api, Clients, Progress, Reply, people};

/// Which failures of its requests do not end a client with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerated {
    /// Every request has to succeed.
    Nothing,
    /// A service may say that it is unavailable, in shape.
    Unavailable,
    /// Every request has to succeed until nobody answers any more; then the client ends.
    Disconnect,
}

impl Tolerated {
    /// The reply; `None` when the client may end, since nobody answers any more.
    fn reply(self, outcome: anyhow::Result<Reply>) -> anyhow::Result<Option<Reply>> {
        match outcome {
            Err(error)
                if self == Tolerated::Disconnect
                    && error.chain().any(|cause| cause.is::<reqwest::Error>()) =>
            {
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }
}

/// What became of one person's record.
#[derive(Debug)]
pub struct Written {
    pub email: String,
    /// The latest version that was acknowledged.
    pub acknowledged: usize,
    /// The latest version that was sent.
    pub sent: usize,
    /// Requests that were answered with 503.
    pub refused: usize,
}

/// Clients of which each replaces and reads a record of its own, through the gateway, until they are stopped.
#[derive(Debug)]
pub struct Writers(Clients<Written>);

impl Writers {
    pub async fn start(api: &Api, count: usize, tolerated: Tolerated) -> anyhow::Result<Writers> {
        let mut clients = Clients::new();
        for _ in 0..count {
            let email = people::create(api, people::numbered_week(0), "first").await?;
            clients.spawn(write(api.clone(), email, tolerated, clients.progress()));
        }
        Ok(Writers(clients))
    }

    /// Waits until each client has written and read this many times more, on average.
    pub async fn go_on(&mut self, rounds: usize) -> anyhow::Result<()> {
        self.0.go_on(rounds * self.0.len()).await
    }

    /// Stops them, and asserts that every record is what it has to be after what was acknowledged, wherever it is read.
    pub async fn stop_and_check(self, api: &Api) -> anyhow::Result<Vec<Written>> {
        let all = self.0.stop().await?;
        for written in &all {
            check(written, api).await?;
        }
        Ok(all)
    }
}

async fn write(api: Api, email: String, tolerated: Tolerated, progress: Progress) -> anyhow::Result<Written> {
    let mut written = Written { email, acknowledged: 0, sent: 0, refused: 0 };
    while !progress.is_stopped() {
        written.sent += 1;
        let body = people::body(&written.email, &people::numbered_week(written.sent), "first");
        let put = api.put(&people::path(&written.email), &body).await;
        let Some(reply) = tolerated.reply(put)? else { break };
        match reply.status {
            503 if tolerated == Tolerated::Unavailable => written.refused += 1,
            _ => {
                reply.ensure_status(200)?;
                written.acknowledged = written.sent;
            }
        }
        let read = api.get(&people::cached_path(&written.email)).await;
        let Some(reply) = tolerated.reply(read)? else { break };
        match reply.status {
            503 if tolerated == Tolerated::Unavailable => written.refused += 1,
            _ => {
                let person = reply.ensure_status(200)?.json();
                let number = people::number_of(&person["availabilities"]).context("no number")?;
                let known = written.acknowledged..=written.sent;
                ensure!(known.contains(&number), "{number} was read, not one of {known:?}");
            }
        }
        progress.count_step();
    }
    Ok(written)
}

/// Every way to read gives the same record: the one that was acknowledged last, or one that was sent after it without
/// an answer that says what became of it.
async fn check(written: &Written, api: &Api) -> anyhow::Result<()> {
    let mut read = Vec::new();
    // Often enough for each replica to be asked both ways, before and after it has filled the cache.
    for path in [people::cached_path(&written.email), people::path(&written.email)].iter().cycle().take(8) {
        let person = api.get(path).await?.ensure_status(200)?.json();
        read.push(people::number_of(&person["availabilities"]).context("no number")?);
    }
    ensure!(read.iter().all(|number| *number == read[0]), "{written:?} is read as {read:?}");
    let possible = written.acknowledged..=written.sent;
    ensure!(possible.contains(&read[0]), "{written:?} is read as {}", read[0]);
    Ok(())
}

/// Clients that post jobs for two people until they are stopped. Every job has to be accepted.
#[derive(Debug)]
pub struct Posters(Clients<Vec<String>>);

impl Posters {
    pub fn start(api: &Api, count: usize, couple: &(String, String), tolerated: Tolerated) -> Posters {
        let mut clients = Clients::new();
        for _ in 0..count {
            clients.spawn(post(api.clone(), couple.clone(), tolerated, clients.progress()));
        }
        Posters(clients)
    }

    /// Waits until this many more jobs were accepted.
    pub async fn go_on(&mut self, jobs: usize) -> anyhow::Result<()> {
        self.0.go_on(jobs).await
    }

    /// Stops them and gives the ids of all accepted jobs.
    pub async fn stop(self) -> anyhow::Result<Vec<String>> {
        Ok(self.0.stop().await?.concat())
    }
}

async fn post(
    api: Api,
    (one, other): (String, String),
    tolerated: Tolerated,
    progress: Progress,
) -> anyhow::Result<Vec<String>> {
    let mut accepted = Vec::new();
    while !progress.is_stopped() {
        let posting = api.post("/worker/tasks", &json!({"userId1": one, "userId2": other})).await;
        let Some(reply) = tolerated.reply(posting)? else { break };
        let body = reply.ensure_status(202)?.json();
        ensure!(body["status"] == "enqueued", "{body}");
        accepted.push(body["job_id"].as_str().context("no id")?.to_owned());
        progress.count_step();
    }
    Ok(accepted)
}
