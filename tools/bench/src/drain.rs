//! How fast one consumer process works off a full queue.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Client;
use testkit::ServiceProcess;
use tokio::time::sleep;

use crate::{
    chain,
    measure::median,
    proc,
    scenario::tasks,
    stack::{Part, Stack},
};

/// Requests under way while the queue is filled.
const CONCURRENCY: usize = 64;
/// How often the consumer's progress is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// When to give up.
const DEADLINE: Duration = Duration::from_secs(300);

/// Medians over the rounds.
pub(crate) struct Drain {
    pub(crate) jobs: usize,
    /// Jobs finished per second, counted from the start of the consumer's process.
    pub(crate) per_second: f64,
    /// CPU seconds of all parts per 1,000 jobs, without what it took to queue them.
    pub(crate) cpu: f64,
    /// Jobs per second of a bare consumer in the same rounds, and the share of it.
    pub(crate) chain_per_second: f64,
    pub(crate) chain_share: f64,
}

/// Queues so many jobs, starts a consumer and waits until every job has its result stored; again and again.
pub(crate) async fn measure(stack: &Stack, jobs: usize, rounds: usize) -> anyhow::Result<Drain> {
    let http = crate::http_client()?;
    let (mut rates, mut costs, mut bare, mut shares) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (seconds, cpu_seconds) = drain_once(stack, &http, jobs, &format!("drain_{round}")).await?;
        rates.push(jobs as f64 / seconds);
        costs.push(cpu_seconds * 1_000.0 / jobs as f64);
        let of_chain = chain::drain(stack, jobs).await?;
        shares.push(jobs as f64 / seconds / of_chain);
        bare.push(of_chain);
    }
    Ok(Drain {
        jobs,
        per_second: median(rates)?,
        cpu: median(costs)?,
        chain_per_second: median(bare)?,
        chain_share: median(shares)?,
    })
}

async fn drain_once(stack: &Stack, http: &Client, jobs: usize, queue: &str) -> anyhow::Result<(f64, f64)> {
    let database = stack.new_database().await?;
    let api = ServiceProcess::start(stack.worker_service("api", &database, queue)?).await?;
    fill(stack, http, &api, jobs).await?;

    let stores = [Part::Postgres, Part::Redis, Part::RabbitMq];
    let asked = [Part::Suggestion, Part::Availability, Part::Users];
    let mut processes = stack.roots(&[&stores[..], &asked[..]].concat());
    processes.push(api.pid());
    let before = proc::cpu_seconds(&processes)?;
    let started = Instant::now();
    let consumer = ServiceProcess::start_unready(stack.worker_service("consumer", &database, queue)?).await?;
    processes.push(consumer.pid());
    for state in ["queued", "running"] {
        while has_jobs(http, &api, state).await? {
            ensure!(started.elapsed() < DEADLINE, "jobs are still {state} after {DEADLINE:?}");
            sleep(LOOK).await;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu_seconds = proc::cpu_seconds(&processes)? - before;
    // A job that waits for its next attempt is queued again, and may have been running when the queue was empty.
    for state in ["queued", "failed", "dead"] {
        ensure!(!has_jobs(http, &api, state).await?, "some jobs are {state} in the end");
    }
    Ok((seconds, cpu_seconds))
}

async fn fill(stack: &Stack, http: &Client, api: &ServiceProcess, jobs: usize) -> anyhow::Result<()> {
    let url = format!("{}/tasks", api.url());
    let bodies: Vec<String> = tasks(stack.emails()).into_iter().map(|request| request.body).collect();
    stream::iter(bodies.iter().cycle().take(jobs))
        .map(|body| http.post(&url).header("content-type", "application/json").body(body.clone()).send())
        .buffer_unordered(CONCURRENCY)
        .map_err(anyhow::Error::from)
        .try_for_each(async |response| {
            ensure!(response.status() == 202, "a job gave {}", response.status());
            Ok(())
        })
        .await
        .context("cannot fill the queue")
}

/// Whether a worker has jobs in this state.
pub(crate) async fn has_jobs(http: &Client, api: &ServiceProcess, state: &str) -> anyhow::Result<bool> {
    let url = format!("{}/tasks?state={state}&limit=1", api.url());
    let response = http.get(url).send().await?.error_for_status()?;
    Ok(response.text().await?.contains("\"job_id\""))
}
