//! The same requests on databases of different sizes, by turns: what is read and written by its key should take the same
//! time whatever else is stored.
//!
//! All databases are on one PostgreSQL, each with a user-service and a Redis of its own. Polls have the sizes of
//! [`people::proportions`]; what is asked about is spread over them, so that polls of the same sizes are asked about in
//! each database. Redis is emptied before reads, so that each of them reaches PostgreSQL.

mod fill;
mod questions;

use std::time::Instant;

use anyhow::Context;
use reqwest::Client;
use testkit::{
    ServiceProcess, ServiceSpec,
    servers::{Postgres, Redis},
};

use crate::{measure::median, poll, proc, stack};
use fill::{StoredBytes, fill};
use questions::{KINDS, Question};

/// Participants of the poll whose answers the others' are like.
const EXAMPLES: usize = 16;
/// Requests of each kind on each database in a round.
const ASKED: usize = 400;

/// A kind of request on a database: medians over the rounds.
pub(crate) struct SizeRow {
    pub(crate) title: &'static str,
    /// People, and as many polls.
    pub(crate) size: u32,
    /// Milliseconds at one connection.
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    /// The p50 over that of the smallest database in the same round.
    pub(crate) growth: f64,
    /// CPU seconds per 1,000 requests of user-service, and of PostgreSQL.
    pub(crate) cpu: [f64; 2],
}

/// What was measured of all sizes.
#[derive(Default)]
pub(crate) struct SizesResult {
    pub(crate) rows: Vec<SizeRow>,
    pub(crate) stored: Vec<(u32, Vec<StoredBytes>)>,
}

/// A database of one size with what serves it.
struct Sized {
    size: u32,
    service: ServiceProcess,
    redis: Redis,
    database: String,
}

/// What one round gave for one kind on one database.
struct Sample {
    p50_ms: f64,
    p95_ms: f64,
    cpu: [f64; 2],
}

/// Fills a database of each size and measures all kinds of requests on each, by turns.
pub(crate) async fn measure(sizes: &[u32], rounds: usize) -> anyhow::Result<SizesResult> {
    let before = proc::children()?;
    let postgres = Postgres::start().await?;
    let new = proc::children()?.into_iter().filter(|pid| !before.contains(pid));
    let postgres_roots: Vec<u32> = new.collect();
    let mut databases = Vec::new();
    let mut result = SizesResult::default();
    for &size in sizes {
        let started = Instant::now();
        let sized = start(&postgres, size).await?;
        result.stored.push((size, fill(&sized.database, size).await?));
        eprintln!("{size} people and polls are stored after {:.0} s", started.elapsed().as_secs_f64());
        databases.push(sized);
    }
    let http = crate::http_client()?;
    let mut samples: Vec<Vec<Vec<Sample>>> =
        KINDS.iter().map(|_| sizes.iter().map(|_| Vec::new()).collect()).collect();
    // The first round is the warm-up: connections are made, statements are prepared.
    for round in 0..=rounds {
        for (kind, of_kind) in KINDS.iter().zip(&mut samples) {
            for turn in 0..databases.len() {
                let place = (turn + round) % databases.len();
                let (sized, of_size) = (&databases[place], &mut of_kind[place]);
                let questions = questions::of(*kind, &sized.database, sized.size, round, ASKED).await?;
                let asked = ask(&http, sized, &questions, &postgres_roots).await;
                let sample = asked.with_context(|| format!("{} of {}", kind.title(), sized.size))?;
                if round > 0 {
                    of_size.push(sample);
                }
            }
        }
    }
    for (kind, of_kind) in KINDS.iter().zip(&samples) {
        for (&size, of_size) in sizes.iter().zip(of_kind) {
            result.rows.push(row(kind.title(), size, of_size, &of_kind[0])?);
        }
    }
    Ok(result)
}

async fn start(postgres: &Postgres, size: u32) -> anyhow::Result<Sized> {
    let (database, redis) = (postgres.create_database().await?, Redis::start().await?);
    let spec = ServiceSpec::user_service(&database, redis.address()).env("POLLS_PER_HOUR", 0);
    let service = ServiceProcess::start(spec).await?;
    stack::store_people(&service.url()).await?;
    poll::store_answered(&crate::http_client()?, &service.url(), EXAMPLES).await?;
    Ok(Sized { size, service, redis, database })
}

async fn ask(
    http: &Client,
    sized: &Sized,
    questions: &[Question],
    postgres: &[u32],
) -> anyhow::Result<Sample> {
    sized.redis.ask("FLUSHALL").await?;
    let (url, service) = (sized.service.url(), [sized.service.pid()]);
    let before = [proc::cpu_seconds(&service)?, proc::cpu_seconds(postgres)?];
    let mut times = Vec::with_capacity(questions.len());
    for question in questions {
        let started = Instant::now();
        question.ask(http, &url).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let after = [proc::cpu_seconds(&service)?, proc::cpu_seconds(postgres)?];
    times.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().context("nothing was asked");
    let cpu = [0, 1].map(|part| (after[part] - before[part]) * 1_000.0 / times.len() as f64);
    Ok(Sample { p50_ms: at(50)?, p95_ms: at(95)?, cpu })
}

fn row(title: &'static str, size: u32, samples: &[Sample], smallest: &[Sample]) -> anyhow::Result<SizeRow> {
    let of = |figure: &dyn Fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
    // Ticks of the kernel are too long for a median over rounds.
    let mean = |part: usize| {
        samples.iter().map(|sample| sample.cpu[part]).sum::<f64>() / samples.len().max(1) as f64
    };
    let growth = samples.iter().zip(smallest).map(|(sample, smallest)| sample.p50_ms / smallest.p50_ms);
    Ok(SizeRow {
        title,
        size,
        p50_ms: of(&|sample| sample.p50_ms)?,
        p95_ms: of(&|sample| sample.p95_ms)?,
        growth: median(growth.collect())?,
        cpu: [mean(0), mean(1)],
    })
}
