use std::collections::HashSet;

use sql_store::{Db, Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{Jobs, batcher::BatchStatement};
use crate::{job::JobState, outcome::JobOutcome};

impl Jobs {
    /// Stores what becomes of a job after its attempt number `attempts`. `false` when that attempt is no longer the
    /// current one: another consumer has the job, or has finished it, and nothing changes. An attempt whose lease ran out
    /// is the current one until another begins.
    pub async fn settle(
        &self,
        job_id: &str,
        attempts: u32,
        outcome: &JobOutcome,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        self.outcomes.submit(AttemptEnd::new(job_id, attempts, outcome, now)).await
    }
}

#[derive(Clone, Debug)]
pub(super) struct AttemptEnd {
    job_id: String,
    attempts: u32,
    state: JobState,
    result: Option<String>,
    error: Option<String>,
    finished_at: Option<i64>,
    /// When it is to be published again, for the next attempt.
    publish_after: Option<i64>,
}

impl AttemptEnd {
    fn new(job_id: &str, attempts: u32, outcome: &JobOutcome, now: Timestamp) -> AttemptEnd {
        let ended = |state, result, error| AttemptEnd {
            job_id: job_id.to_owned(),
            attempts,
            state,
            result,
            error,
            finished_at: Some(now.micros()),
            publish_after: None,
        };
        match outcome {
            JobOutcome::Succeed(result) => ended(JobState::Succeeded, Some(result.to_string()), None),
            JobOutcome::Fail(error) => ended(JobState::Failed, None, Some(error.clone())),
            JobOutcome::GiveUp(error) => ended(JobState::Dead, None, Some(error.clone())),
            JobOutcome::Retry(error, pause) | JobOutcome::Defer(error, pause) => {
                let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
                AttemptEnd {
                    finished_at: None,
                    publish_after: Some(now.micros().saturating_add(pause)),
                    ..ended(JobState::Queued, None, Some(error.clone()))
                }
            }
        }
    }
}

/// Stores outcomes; `false` for an attempt that is not the current one.
#[derive(Debug)]
pub(super) struct SettleAttempts(pub(super) Db);

impl BatchStatement<AttemptEnd, bool> for SettleAttempts {
    const OPERATION: &str = "UPDATE";

    async fn run(&self, outcomes: &[AttemptEnd]) -> Result<Vec<bool>, SqlError> {
        let list = Placeholders::new(1, outcomes.len());
        // Not by its state: all that is queued might be read for it.
        let text = format!(
            "WITH ending (id, attempt, becomes, suggestions, reason, ended_at, due_at) AS (VALUES {}) \
             UPDATE jobs SET state = becomes, result = suggestions, error = reason, finished_at = ended_at, \
             lease_owner = NULL, lease_until = NULL, published = CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, \
             publish_after = COALESCE(due_at, publish_after) \
             FROM ending WHERE job_id = id AND attempts = attempt AND finished_at IS NULL \
             RETURNING job_id, attempts",
            list.rows(7)
        );
        let statement = list.pad(outcomes).fold(sqlx::query(AssertSqlSafe(text)), |statement, outcome| {
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
            |outcome: &AttemptEnd| stored.contains(&(outcome.job_id.clone(), i64::from(outcome.attempts)));
        Ok(outcomes.iter().map(is_stored).collect())
    }
}
