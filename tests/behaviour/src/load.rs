//! Clients that work without pause while something breaks, and remember what was acknowledged.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, anyhow, ensure};
use serde_json::json;
use tokio::task::{JoinError, JoinSet};

use crate::{Api, Reply, eventually, people};

/// Longest wait for the clients to go on.
const SOON: Duration = Duration::from_secs(30);

/// What a client puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Every request has to succeed.
    None,
    /// A service may say that it is unavailable, in shape.
    Unavailable,
    /// Every request has to succeed until there is nobody to answer any more; then the client ends.
    UntilGone,
}

impl Patience {
    /// The reply; `None` when the client may end, since nobody answers any more.
    fn reply(self, outcome: anyhow::Result<Reply>) -> anyhow::Result<Option<Reply>> {
        match outcome {
            Err(error)
                if self == Patience::UntilGone && error.chain().any(|cause| cause.is::<reqwest::Error>()) =>
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
pub struct Writers {
    stop: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    clients: JoinSet<anyhow::Result<Written>>,
}

impl Writers {
    pub async fn start(api: &Api, count: usize, patience: Patience) -> anyhow::Result<Writers> {
        let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut clients = JoinSet::new();
        for _ in 0..count {
            let email = people::create(api, people::numbered_week(0), "first").await?;
            clients.spawn(write(api.clone(), email, patience, stop.clone(), rounds.clone()));
        }
        Ok(Writers { stop, rounds, clients })
    }

    /// Waits until each client has written and read this many times more, on average.
    pub async fn go_on(&mut self, rounds: usize) -> anyhow::Result<()> {
        let goal = self.rounds.load(Ordering::SeqCst) + rounds * self.clients.len();
        let more = eventually("the clients go on", SOON, async || {
            ensure!(self.rounds.load(Ordering::SeqCst) >= goal, "they do not");
            Ok(())
        });
        tokio::select! {
            more = more => more,
            Some(ended) = self.clients.join_next() => Err(ended_early(ended)),
        }
    }

    /// Stops them, and asserts that every record is what it has to be after what was acknowledged, wherever it is read.
    pub async fn stop_and_check(mut self, api: &Api) -> anyhow::Result<Vec<Written>> {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Vec::new();
        while let Some(ended) = self.clients.join_next().await {
            all.push(ended.context("a client panicked")??);
        }
        for written in &all {
            check(written, api).await?;
        }
        Ok(all)
    }
}

async fn write(
    api: Api,
    email: String,
    patience: Patience,
    stop: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
) -> anyhow::Result<Written> {
    let mut written = Written { email, acknowledged: 0, sent: 0, refused: 0 };
    while !stop.load(Ordering::SeqCst) {
        written.sent += 1;
        let body = people::body(&written.email, &people::numbered_week(written.sent), "first");
        let Some(reply) = patience.reply(api.put(&people::path(&written.email), &body).await)? else { break };
        match reply.status {
            200 => written.acknowledged = written.sent,
            503 if patience == Patience::Unavailable => written.refused += 1,
            _ => anyhow::bail!("{}: {} {}", reply.request, reply.status, reply.text()),
        }
        let Some(reply) = patience.reply(api.get(&people::cached_path(&written.email)).await)? else { break };
        match reply.status {
            200 => {
                let number = people::number_of(&reply.json()["availabilities"]).context("no number")?;
                let known = written.acknowledged..=written.sent;
                ensure!(known.contains(&number), "{number} was read, not one of {known:?}");
            }
            503 if patience == Patience::Unavailable => written.refused += 1,
            _ => anyhow::bail!("{}: {} {}", reply.request, reply.status, reply.text()),
        }
        rounds.fetch_add(1, Ordering::SeqCst);
    }
    Ok(written)
}

/// Every way to read gives the same record: the one that was acknowledged last, or one that was sent after it without
/// an answer that says what became of it.
async fn check(written: &Written, api: &Api) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    // Often enough for each replica to be asked both ways, before and after it has filled the cache.
    for path in [people::cached_path(&written.email), people::path(&written.email)].iter().cycle().take(8) {
        let reply = api.get(path).await?;
        ensure!(reply.status == 200, "{}: {} {}", reply.request, reply.status, reply.text());
        seen.push(people::number_of(&reply.json()["availabilities"]).context("no number")?);
    }
    ensure!(seen.iter().all(|number| *number == seen[0]), "{written:?} is read as {seen:?}");
    let possible = written.acknowledged..=written.sent;
    ensure!(possible.contains(&seen[0]), "{written:?} is read as {}", seen[0]);
    Ok(())
}

/// The error for a client that has ended although it should work on.
fn ended_early<T: Debug>(ended: Result<anyhow::Result<T>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Err(error)) => error.context("a client ended early"),
        other => anyhow!("a client ended early: {other:?}"),
    }
}

/// Clients that post jobs for two people until they are stopped. Every job has to be accepted.
#[derive(Debug)]
pub struct Posters {
    stop: Arc<AtomicBool>,
    posted: Arc<AtomicUsize>,
    clients: JoinSet<anyhow::Result<Vec<String>>>,
}

impl Posters {
    pub fn start(api: &Api, count: usize, couple: &(String, String), patience: Patience) -> Posters {
        let (stop, posted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut clients = JoinSet::new();
        for _ in 0..count {
            clients.spawn(post(api.clone(), couple.clone(), patience, stop.clone(), posted.clone()));
        }
        Posters { stop, posted, clients }
    }

    /// Waits until this many more jobs were accepted.
    pub async fn go_on(&mut self, jobs: usize) -> anyhow::Result<()> {
        let goal = self.posted.load(Ordering::SeqCst) + jobs;
        let more = eventually("more jobs are accepted", SOON, async || {
            ensure!(self.posted.load(Ordering::SeqCst) >= goal, "they are not");
            Ok(())
        });
        tokio::select! {
            more = more => more,
            Some(ended) = self.clients.join_next() => Err(ended_early(ended)),
        }
    }

    /// Stops them and gives the ids of all accepted jobs.
    pub async fn stop(mut self) -> anyhow::Result<Vec<String>> {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Vec::new();
        while let Some(ended) = self.clients.join_next().await {
            all.extend(ended.context("a client panicked")??);
        }
        Ok(all)
    }
}

async fn post(
    api: Api,
    (one, other): (String, String),
    patience: Patience,
    stop: Arc<AtomicBool>,
    posted: Arc<AtomicUsize>,
) -> anyhow::Result<Vec<String>> {
    let mut accepted = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let posting = api.post("/worker/tasks", &json!({"userId1": one, "userId2": other})).await;
        let Some(reply) = patience.reply(posting)? else { break };
        ensure!(reply.status == 202, "{}: {} {}", reply.request, reply.status, reply.text());
        let body = reply.json();
        ensure!(body["status"] == "enqueued", "{body}");
        accepted.push(body["job_id"].as_str().context("no id")?.to_owned());
        posted.fetch_add(1, Ordering::SeqCst);
    }
    Ok(accepted)
}
