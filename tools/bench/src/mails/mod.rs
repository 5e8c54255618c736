//! Thousands of invitations: how fast one worker hands them to a mail server, and what waits meanwhile.

mod order;
mod rendering;
mod sink;
mod transactions;

pub(crate) use rendering::{Rendering, measure_rendering};

use std::{
    future::pending,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use reqwest::Client as HttpClient;
use serde_json::Value;
use testkit::ServiceProcess;
use tokio::time::{interval, sleep, timeout};
use wire::Timestamp;

use crate::{
    drain::has_jobs,
    measure::median,
    proc,
    scenario::tasks,
    stack::{Part, Stack},
};
use sink::Sink;
use transactions::Client;

/// Connections to the mail server.
pub(crate) const CONNECTIONS: u16 = 20;
/// Time between two suggestions.
const BETWEEN_SUGGESTIONS: Duration = Duration::from_millis(50);
const DEADLINE: Duration = Duration::from_secs(300);
const LOOK: Duration = Duration::from_millis(20);

/// Medians over the rounds.
pub(crate) struct MailsResult {
    pub(crate) mails: usize,
    /// Mails per second, from the start of the worker's process until the server has all.
    pub(crate) per_second: f64,
    /// The same of the transactions alone, and with the library that people would take.
    pub(crate) bare: f64,
    pub(crate) lettre: f64,
    /// CPU milliseconds for a mail, by part.
    pub(crate) cpu_ms: Vec<(&'static str, f64)>,
}

/// Measures a worker and the transactions alone, by turns.
pub(crate) async fn measure(stack: &Stack, mails: usize, rounds: usize) -> anyhow::Result<MailsResult> {
    let message = rendering::message()?;
    let (mut ours, mut bare, mut lettre) = (Vec::new(), Vec::new(), Vec::new());
    let mut cpu: Vec<(&str, Vec<f64>)> = Vec::new();
    for round in 1..=rounds {
        let sent = send(stack, mails, &format!("mails_{round}"), async |_| pending().await).await?;
        ours.push(mails as f64 / sent.seconds);
        cpu.resize_with(sent.cpu_seconds.len(), Default::default);
        for ((name, values), (part, seconds)) in cpu.iter_mut().zip(sent.cpu_seconds) {
            *name = part;
            values.push(seconds * 1e3 / mails as f64);
        }
        bare.push(transactions::send(Client::Bare, &message, mails).await?);
        lettre.push(transactions::send(Client::Lettre, &message, mails).await?);
    }
    let cpu_ms = cpu.into_iter().map(|(part, values)| Ok((part, median(values)?)));
    Ok(MailsResult {
        mails,
        per_second: median(ours)?,
        bare: median(bare)?,
        lettre: median(lettre)?,
        cpu_ms: cpu_ms.collect::<anyhow::Result<_>>()?,
    })
}

/// How long suggestions waited for their start while mails were sent, over all rounds.
pub(crate) struct SuggestionsBesideMails {
    pub(crate) mails: usize,
    pub(crate) suggestions: usize,
    pub(crate) p50_ms: f64,
    pub(crate) max_ms: f64,
}

/// Orders suggestions, one after the other, as long as mails wait.
pub(crate) async fn measure_suggestions(
    stack: &Stack,
    mails: usize,
    rounds: usize,
) -> anyhow::Result<SuggestionsBesideMails> {
    let mut waits = Vec::new();
    for round in 1..=rounds {
        let name = format!("suggestions_{round}");
        let mut ordered = Vec::new();
        let order = async |worker: &ServiceProcess| order_suggestions(stack, worker, &mut ordered).await;
        let sent = send(stack, mails, &name, order).await?;
        for job_id in &ordered {
            waits.push(wait_of(&sent.worker, job_id).await?);
        }
    }
    waits.sort_unstable_by(f64::total_cmp);
    let max_ms = waits.last().copied().context("no suggestion was ordered")?;
    Ok(SuggestionsBesideMails { mails, suggestions: waits.len(), p50_ms: median(waits)?, max_ms })
}

/// Never ends, unless it cannot go on.
async fn order_suggestions(
    stack: &Stack,
    worker: &ServiceProcess,
    ordered: &mut Vec<String>,
) -> anyhow::Result<()> {
    let (http, url) = (crate::http_client()?, format!("{}/tasks", worker.url()));
    let mut ticks = interval(BETWEEN_SUGGESTIONS);
    for task in tasks(stack.emails()).iter().cycle() {
        ticks.tick().await;
        let request = http.post(&url).header("content-type", "application/json").body(task.body.clone());
        let reply: Value = request.send().await?.error_for_status()?.json().await?;
        ordered.push(reply["job_id"].as_str().context("a reply has no job_id")?.to_owned());
    }
    Ok(())
}

/// Milliseconds from a job's order to the start of its attempt.
async fn wait_of(worker: &ServiceProcess, job_id: &str) -> anyhow::Result<f64> {
    let url = format!("{}/tasks/{job_id}", worker.url());
    let job: Value = crate::http_client()?.get(url).send().await?.error_for_status()?.json().await?;
    ensure!(job["state"] == "succeeded" && job["attempts"] == 1, "a suggestion is {job}");
    let time = |name: &str| serde_json::from_value::<Timestamp>(job[name].clone());
    Ok((time("started_at")?.micros() - time("created_at")?.micros()) as f64 / 1e3)
}

/// Mails that were sent by a worker, which is still there.
struct Sent {
    worker: ServiceProcess,
    seconds: f64,
    cpu_seconds: Vec<(&'static str, f64)>,
}

/// Has people invited, starts a worker that has never sent anything, and waits until a server has all mails and user-service
/// knows of it. `meanwhile` goes on until then.
async fn send(
    stack: &Stack,
    mails: usize,
    name: &str,
    meanwhile: impl AsyncFnOnce(&ServiceProcess) -> anyhow::Result<()>,
) -> anyhow::Result<Sent> {
    let (http, users, database) =
        (crate::http_client()?, stack.url(Part::Users)?, stack.new_database().await?);
    order::invite(&http, users, name, mails).await?;
    let mut sink = Sink::start().await?;
    let spec = stack
        .worker_service("all", &database, name)?
        .env("USER_SERVICE_BASE", users)
        .env("SMTP_URL", format!("smtp://{}?tls=none", sink.address))
        .env("SMTP_CONNECTIONS", CONNECTIONS);
    let stores = [Part::Users, Part::Postgres, Part::RabbitMq];
    let cpu_of_stores = || stores.map(|part| proc::cpu_seconds(&stack.roots(&[part])));
    let before = cpu_of_stores();
    let started = Instant::now();
    let worker = ServiceProcess::start(spec).await?;
    tokio::select! {
        ended = meanwhile(&worker) => ended?,
        taken = timeout(DEADLINE, sink.taken.wait_for(|taken| taken.mails >= mails)) => {
            taken.with_context(|| format!("not all mails were sent within {DEADLINE:?}"))??;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    all_have_ended(&http, &worker).await?;
    let mut cpu_seconds = vec![("worker-service", proc::cpu_seconds(&[worker.pid()])?)];
    for ((name, before), after) in
        ["user-service", "PostgreSQL", "RabbitMQ"].into_iter().zip(before).zip(cpu_of_stores())
    {
        cpu_seconds.push((name, after? - before?));
    }
    let taken = sink.taken.borrow();
    ensure!(
        (taken.mails, taken.ids.len()) == (mails, mails),
        "{} mails have come, {} different ones, instead of {mails}",
        taken.mails,
        taken.ids.len()
    );
    Ok(Sent { worker, seconds, cpu_seconds })
}

/// Waits until all jobs have come to a good end: then it is reported that the mails were sent.
async fn all_have_ended(http: &HttpClient, worker: &ServiceProcess) -> anyhow::Result<()> {
    let started = Instant::now();
    for state in ["queued", "running", "queued"] {
        while has_jobs(http, worker, state).await? {
            ensure!(started.elapsed() < DEADLINE, "jobs are still {state} after {DEADLINE:?}");
            sleep(LOOK).await;
        }
    }
    for state in ["failed", "dead"] {
        ensure!(!has_jobs(http, worker, state).await?, "some jobs are {state} in the end");
    }
    Ok(())
}
