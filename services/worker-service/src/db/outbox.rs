use sql_store::{Engine, Placeholders, SqlError};
use sqlx::AssertSqlSafe;
use wire::Timestamp;

use super::{
    Jobs,
    row::{columns, job},
};
use crate::job::Job;

/// What became of publishing a job's message: the message of the time when it had begun this many attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub job_id: String,
    /// Its attempts when the message was made. A job that has moved on since is none of this message's business.
    pub attempts: u32,
    /// Whether it is safe in the queue, rather than to be published again soon.
    pub published: bool,
}

impl Jobs {
    /// Notes that these messages need not be published again.
    ///
    /// # Errors
    /// [`SqlError`], by kind; then they may be published twice, which does no harm.
    pub async fn mark_published(&self, attempts: u32, job_ids: &[String]) -> Result<(), SqlError> {
        let list = Placeholders::new(2, job_ids.len());
        let unless_locked = self.unless_locked();
        // Its attempts say that nobody has begun it. Were the state asked for too, all that is queued might be read for it.
        let text = format!(
            "UPDATE jobs SET published = 1 WHERE job_id IN ( \
                SELECT job_id FROM jobs WHERE attempts = $1 AND job_id IN ({list}) {unless_locked})"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(i64::from(attempts));
        let statement = list.pad(job_ids).fold(statement, |statement, job_id| statement.bind(job_id));
        self.db.writer().await?.execute(statement).await?;
        Ok(())
    }

    /// Lets these messages be published again from `due` on, which were taken for longer and could not be published.
    ///
    /// # Errors
    /// [`SqlError`], by kind; then they wait for longer.
    pub async fn publish_again(
        &self,
        attempts: u32,
        job_ids: &[String],
        due: Timestamp,
    ) -> Result<(), SqlError> {
        let list = Placeholders::new(3, job_ids.len());
        let unless_locked = self.unless_locked();
        let text = format!(
            "UPDATE jobs SET publish_after = $2 WHERE job_id IN ( \
                SELECT job_id FROM jobs WHERE published = 0 AND state = 'queued' AND attempts = $1 \
                AND publish_after > $2 AND job_id IN ({list}) {unless_locked})"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(i64::from(attempts)).bind(due.micros());
        let statement = list.pad(job_ids).fold(statement, |statement, job_id| statement.bind(job_id));
        self.db.writer().await?.execute(statement).await?;
        Ok(())
    }

    /// Takes at most `limit` jobs of this priority or a higher one whose message is due, so that nobody else takes them before
    /// `lease_end`.
    pub async fn take_due(
        &self,
        now: Timestamp,
        lease_end: Timestamp,
        least_priority: u8,
        limit: u32,
    ) -> Result<Vec<Job>, SqlError> {
        let unless_locked = self.unless_locked();
        let text = format!(
            "UPDATE jobs SET publish_after = $2 WHERE job_id IN ( \
                SELECT job_id FROM jobs WHERE published = 0 AND state = 'queued' AND publish_after <= $1 AND priority >= $3 \
                ORDER BY priority DESC, publish_after LIMIT $4 {unless_locked}) \
             RETURNING {}",
            columns!()
        );
        let statement = sqlx::query(AssertSqlSafe(text))
            .bind(now.micros())
            .bind(lease_end.micros())
            .bind(i64::from(least_priority))
            .bind(i64::from(limit));
        let rows = self.db.writer().await?.fetch_all(statement).await?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }

    /// Has every unfinished job published anew, because the queue has forgotten them with the process it lived in.
    pub async fn requeue_unfinished(&self, now: Timestamp) -> Result<u64, SqlError> {
        let statement = sqlx::query(
            "UPDATE jobs SET state = 'queued', published = 0, lease_until = NULL, \
             publish_after = CASE WHEN published = 0 AND attempts > 0 THEN publish_after ELSE $1 END \
             WHERE state IN ('queued', 'running')",
        )
        .bind(now.micros());
        self.db.writer().await?.execute(statement).await
    }

    /// Has those jobs published anew whose message must have been lost on the way: nobody has begun, or ended, an
    /// attempt since `before` (of a running job without a lease, which a release before leases has begun). The message of a job that waits that long in the queue is then there twice.
    pub async fn republish_lost(&self, now: Timestamp, before: Timestamp) -> Result<u64, SqlError> {
        let statement = sqlx::query(
            "UPDATE jobs SET state = 'queued', published = 0, publish_after = $1 WHERE published = 1 AND ( \
                state = 'queued' AND publish_after <= $2 \
                OR state = 'running' AND lease_until IS NULL AND started_at <= $2)",
        )
        .bind(now.micros())
        .bind(before.micros());
        self.db.writer().await?.execute(statement).await
    }

    /// The end of a selection of rows to be changed that passes over those which somebody else is about to change. They
    /// are not waited for, so two statements on many rows cannot wait for each other. A file has one writer anyway.
    pub(super) fn unless_locked(&self) -> &'static str {
        match self.db.engine() {
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
            Engine::Sqlite => "",
        }
    }
}
