use std::collections::{HashMap, HashSet};

use sql_store::{Db, Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{
    Jobs,
    group::Statement,
    row::{columns, job},
    rows::Rows,
};
use crate::job::{Job, State, Verdict};

/// What a consumer may do with the job of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// Begin an attempt, whose number is in the job.
    Run(Box<Job>),
    /// Nothing: it came to its end before.
    Ended(State),
    /// Nothing: there is no such job.
    Unknown,
}

impl Jobs {
    /// Begins an attempt at an unfinished job.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn claim(&self, job_id: &str, now: Timestamp) -> Result<Claim, SqlError> {
        loop {
            let begun = self.attempts.ask(Attempted { job_id: job_id.to_owned(), now }).await?;
            if let Some(job) = begun {
                return Ok(Claim::Run(Box::new(job)));
            }
            match self.find(job_id).await? {
                None => return Ok(Claim::Unknown),
                Some(job) if job.state.is_final() => return Ok(Claim::Ended(job.state)),
                // It was begun for another message of the same job in the same statement.
                Some(_) => (),
            }
        }
    }

    /// Stores what becomes of a job after its attempt number `attempts`. `false` when that attempt is no longer the
    /// current one: another consumer has the job, or has finished it, and nothing changes.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn settle(
        &self,
        job_id: &str,
        attempts: u32,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        self.outcomes.ask(Outcome::new(job_id, attempts, verdict, now)).await
    }
}

/// A job whose next attempt begins.
#[derive(Clone, Debug)]
pub(super) struct Attempted {
    job_id: String,
    now: Timestamp,
}

/// Begins attempts; `None` for a job that has ended or is unknown, and for all but one of several with one id.
#[derive(Debug)]
pub(super) struct Begin(pub(super) Db);

impl Statement<Attempted, Option<Job>> for Begin {
    const OPERATION: &str = "UPDATE";

    async fn run(&self, attempts: &[Attempted]) -> Result<Vec<Option<Job>>, SqlError> {
        let list = Placeholders::new(2, attempts.len());
        let text = format!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $1, published = 1 \
             WHERE job_id IN ({list}) AND state IN ('queued', 'running') RETURNING {}",
            columns!()
        );
        let now = attempts.iter().map(|attempt| attempt.now.micros()).max();
        let statement = sqlx::query(AssertSqlSafe(text)).bind(now);
        let statement =
            list.pad(attempts).fold(statement, |statement, attempt| statement.bind(&attempt.job_id));
        let rows = self.0.writer().await?.fetch_all(statement).await?;
        let mut begun = HashMap::with_capacity(rows.len());
        for row in &rows {
            let job = job(row)?;
            begun.insert(job.job_id.clone(), job);
        }
        Ok(attempts.iter().map(|attempt| begun.remove(&attempt.job_id)).collect())
    }
}

/// What is stored after an attempt.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    job_id: String,
    attempts: u32,
    state: State,
    result: Option<String>,
    error: Option<String>,
    finished_at: Option<i64>,
    /// When it is to be published again, for the next attempt.
    publish_after: Option<i64>,
}

impl Outcome {
    fn new(job_id: &str, attempts: u32, verdict: &Verdict, now: Timestamp) -> Outcome {
        let ended = |state, result, error| Outcome {
            job_id: job_id.to_owned(),
            attempts,
            state,
            result,
            error,
            finished_at: Some(now.micros()),
            publish_after: None,
        };
        match verdict {
            Verdict::Succeed(result) => ended(State::Succeeded, Some(result.to_string()), None),
            Verdict::Fail(error) => ended(State::Failed, None, Some(error.clone())),
            Verdict::GiveUp(error) => ended(State::Dead, None, Some(error.clone())),
            Verdict::Retry(error, pause) => {
                let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
                Outcome {
                    finished_at: None,
                    publish_after: Some(now.micros().saturating_add(pause)),
                    ..ended(State::Queued, None, Some(error.clone()))
                }
            }
        }
    }
}

/// Stores outcomes; `false` for an attempt that is not the current one.
#[derive(Debug)]
pub(super) struct Settle(pub(super) Db);

impl Statement<Outcome, bool> for Settle {
    const OPERATION: &str = "UPDATE";

    async fn run(&self, outcomes: &[Outcome]) -> Result<Vec<bool>, SqlError> {
        let rows = Rows::of(outcomes);
        let text = format!(
            "WITH outcome (id, attempt, becomes, suggestions, reason, ended_at, due_at) AS (VALUES {}) \
             UPDATE jobs SET state = becomes, result = suggestions, error = reason, finished_at = ended_at, \
             published = CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, \
             publish_after = COALESCE(due_at, publish_after) \
             FROM outcome WHERE job_id = id AND attempts = attempt AND state = 'running' \
             RETURNING job_id, attempts",
            rows.placeholders(7)
        );
        let statement = rows.iter().fold(sqlx::query(AssertSqlSafe(text)), |statement, outcome| {
            statement
                .bind(&outcome.job_id)
                .bind(i64::from(outcome.attempts))
                .bind(outcome.state.name())
                .bind(&outcome.result)
                .bind(&outcome.error)
                .bind(outcome.finished_at)
                .bind(outcome.publish_after)
        });
        let mut stored = HashSet::new();
        for row in self.0.writer().await?.fetch_all(statement).await? {
            stored.insert((row.try_get::<String, _>("job_id")?, row.try_get::<i64, _>("attempts")?));
        }
        let is_stored =
            |outcome: &Outcome| stored.contains(&(outcome.job_id.clone(), i64::from(outcome.attempts)));
        Ok(outcomes.iter().map(is_stored).collect())
    }
}
