//! The table of jobs, on both engines.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod attempts;
mod migration;
mod orders;
mod publishing;
mod retention;

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use support::{Table, at, new_job};
use worker_service::{db::Claim, job::Job, outcome::JobOutcome};

/// Each case once on each engine.
macro_rules! on_both_engines {
    ($($case:ident)*) => {
        mod on_postgresql {
            $(#[tokio::test] async fn $case() {
                super::$case(crate::support::Table::new(sql_store::Engine::Postgres).await).await;
            })*
        }

        mod on_sqlite {
            $(#[tokio::test] async fn $case() {
                super::$case(crate::support::Table::new(sql_store::Engine::Sqlite).await).await;
            })*
        }
    };
}

use on_both_engines;

async fn claim(table: &Table, job_id: &str, now: i64) -> Job {
    match table.jobs.claim(job_id, at(now)).await.unwrap() {
        Claim::Run(job) => *job,
        other => panic!("{other:?}"),
    }
}

async fn settle(table: &Table, job: &Job, verdict: JobOutcome, now: i64) -> bool {
    table.jobs.settle(&job.job_id, job.attempts, &verdict, at(now)).await.unwrap()
}

/// An attempt that begins and ends at `now`.
async fn attempt(table: &Table, job_id: &str, verdict: JobOutcome, now: i64) {
    let job = claim(table, job_id, now).await;
    assert!(settle(table, &job, verdict, now).await);
}

/// The ids of so many new jobs.
async fn stored<const N: usize>(table: &Table) -> [String; N] {
    let jobs = [(); N].map(|()| new_job());
    for new in &jobs {
        table.store(new).await;
    }
    jobs.map(|new| new.job_id)
}

/// The ids of the jobs that are due at `now`, which are then leased for ten seconds.
async fn due(table: &Table, now: i64) -> BTreeSet<String> {
    let taken = table.jobs.take_due(at(now), at(now + 10), 0, 100).await.unwrap();
    taken.into_iter().map(|job| job.job_id).collect()
}

fn retry(pause_seconds: u64) -> JobOutcome {
    JobOutcome::Retry("unreachable".to_owned(), Duration::from_secs(pause_seconds))
}

fn done() -> JobOutcome {
    JobOutcome::Succeed(json!([{"day": "monday", "slot": [9, 10]}]))
}
