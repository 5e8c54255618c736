use sql_store::SqlError;
use sqlx::Any;
use sqlx::{any::AnyArguments, query::Query};
use wire::Timestamp;

use super::{
    Jobs,
    row::{columns, job},
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
        let statement = sqlx::query(concat!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $2, published = 1 \
             WHERE job_id = $1 AND state IN ('queued', 'running') RETURNING ",
            columns!()
        ))
        .bind(job_id)
        .bind(now.micros());
        if let Some(row) = self.db.writer().await?.fetch_optional(statement).await? {
            return Ok(Claim::Run(Box::new(job(&row)?)));
        }
        Ok(self.find(job_id).await?.map_or(Claim::Unknown, |job| Claim::Ended(job.state)))
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
        let result;
        let statement = match verdict {
            Verdict::Succeed(value) => {
                result = value.to_string();
                ended(State::Succeeded, Some(&result), None, now)
            }
            Verdict::Fail(error) => ended(State::Failed, None, Some(error), now),
            Verdict::GiveUp(error) => ended(State::Dead, None, Some(error), now),
            Verdict::Retry(error, pause) => {
                let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
                sqlx::query(
                    "UPDATE jobs SET state = 'queued', published = 0, error = $1, publish_after = $2 \
                     WHERE job_id = $3 AND attempts = $4 AND state = 'running'",
                )
                .bind(error.as_str())
                .bind(now.micros().saturating_add(pause))
            }
        };
        let statement = statement.bind(job_id).bind(i64::from(attempts));
        Ok(self.db.writer().await?.execute(statement).await? == 1)
    }
}

/// The statement for an end, with the job's id and attempt still to be bound.
fn ended<'q>(
    state: State,
    result: Option<&'q str>,
    error: Option<&'q str>,
    now: Timestamp,
) -> Query<'q, Any, AnyArguments> {
    sqlx::query(
        "UPDATE jobs SET state = $1, result = $2, error = $3, finished_at = $4 \
         WHERE job_id = $5 AND attempts = $6 AND state = 'running'",
    )
    .bind(state.name())
    .bind(result)
    .bind(error)
    .bind(now.micros())
}
