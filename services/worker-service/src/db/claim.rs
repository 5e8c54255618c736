use std::{collections::HashMap, sync::Arc, time::Duration};

use sql_store::{Db, Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{
    Jobs,
    batcher::BatchStatement,
    row::{columns, job},
};
use crate::job::{Job, JobState};

/// For so long an attempt has its job to itself, unless it is renewed. That is how long the jobs of a process wait that was
/// killed; clocks of replicas may differ by less.
const LEASE: Duration = Duration::from_secs(10);

/// What a consumer may do with the job of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// Begin an attempt, whose number is in the job.
    Run(Box<Job>),
    /// Nothing: somebody is at it, or was a moment ago. If they have ended, it is published anew.
    Leased,
    /// Nothing: it came to its end before.
    Ended(JobState),
    /// Nothing: there is no such job.
    Unknown,
}

impl Jobs {
    /// Begins an attempt at an unfinished job that nobody has a lease of.
    pub async fn claim(&self, job_id: &str, now: Timestamp) -> Result<Claim, SqlError> {
        loop {
            let begun = self.attempts.submit(AttemptStart { job_id: job_id.to_owned(), now }).await?;
            if let Some(job) = begun {
                return Ok(Claim::Run(Box::new(job)));
            }
            match self.find(job_id).await? {
                None => return Ok(Claim::Unknown),
                Some(job) if job.state.is_final() => return Ok(Claim::Ended(job.state)),
                Some(job) if job.state == JobState::Running => return Ok(Claim::Leased),
                // An attempt has ended in between, and wants another one.
                Some(_) => (),
            }
        }
    }

    /// Prolongs the leases of these attempts, each a job and the attempt's number; the jobs that are theirs no more.
    ///
    /// Passes over a lease that somebody is about to change, which is mostly its end. Were it waited for, this and the end of
    /// many attempts at once could each wait for the other, and all attempts with them until the server notices.
    pub async fn renew(&self, held: &[(String, u32)], now: Timestamp) -> Result<Vec<String>, SqlError> {
        let list = Placeholders::new(2, held.len());
        let text = format!(
            "SELECT job_id, attempts FROM jobs WHERE lease_owner = $1 AND state = 'running' AND job_id IN ({list})"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(&*self.owner);
        let statement = list.pad(held).fold(statement, |statement, (job_id, _)| statement.bind(job_id));
        let mut writer = self.db.writer().await?;
        let mut own = HashMap::with_capacity(held.len());
        for row in writer.fetch_all(statement).await? {
            own.insert(row.try_get::<String, _>("job_id")?, row.try_get::<i64, _>("attempts")?);
        }
        let (kept, lost): (Vec<_>, Vec<_>) = held
            .iter()
            .cloned()
            .partition(|(job_id, attempts)| own.get(job_id) == Some(&i64::from(*attempts)));
        let lost = lost.into_iter().map(|(job_id, _)| job_id).collect();
        if kept.is_empty() {
            return Ok(lost);
        }

        let list = Placeholders::new(3, kept.len());
        let unless_locked = self.unless_locked();
        let text = format!(
            "UPDATE jobs SET lease_until = $1 WHERE job_id IN ( \
                SELECT job_id FROM jobs WHERE lease_owner = $2 AND state = 'running' AND job_id IN ({list}) {unless_locked})"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(now.plus(LEASE).micros()).bind(&*self.owner);
        let statement = list.pad(&kept).fold(statement, |statement, (job_id, _)| statement.bind(job_id));
        writer.execute(statement).await?;
        Ok(lost)
    }

    /// Has those jobs published anew whose lease has run out: the process that ran them is gone. At most `limit`.
    pub async fn requeue_abandoned(&self, now: Timestamp, limit: u32) -> Result<u64, SqlError> {
        let unless_locked = self.unless_locked();
        let text = format!(
            "UPDATE jobs SET state = 'queued', published = 0, publish_after = $1, lease_until = NULL \
             WHERE job_id IN (SELECT job_id FROM jobs WHERE state = 'running' AND lease_until <= $1 \
                AND started_at <= $2 LIMIT $3 {unless_locked})"
        );
        let statement = sqlx::query(AssertSqlSafe(text))
            .bind(now.micros())
            .bind(now.minus(LEASE).micros())
            .bind(i64::from(limit));
        self.db.writer().await?.execute(statement).await
    }
}

#[derive(Clone, Debug)]
pub(super) struct AttemptStart {
    job_id: String,
    now: Timestamp,
}

/// Begins attempts; `None` for a job that has ended, is leased or is unknown, and for all but one of several with one id.
#[derive(Debug)]
pub(super) struct StartAttempts {
    pub(super) db: Db,
    pub(super) owner: Arc<str>,
}

impl BatchStatement<AttemptStart, Option<Job>> for StartAttempts {
    const OPERATION: &str = "UPDATE";

    async fn run(&self, attempts: &[AttemptStart]) -> Result<Vec<Option<Job>>, SqlError> {
        let Some(now) = attempts.iter().map(|attempt| attempt.now).max() else { return Ok(Vec::new()) };
        let list = Placeholders::new(5, attempts.len());
        // Consumers of the release before leases have none: they are given the time of one from the start of the attempt.
        let text = format!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $1, published = 1, \
             lease_owner = $2, lease_until = $3 WHERE job_id IN ({list}) AND (state = 'queued' \
                OR state = 'running' AND COALESCE(lease_until, 0) <= $1 AND started_at <= $4) RETURNING {}",
            columns!()
        );
        let statement = sqlx::query(AssertSqlSafe(text))
            .bind(now.micros())
            .bind(&*self.owner)
            .bind(now.plus(LEASE).micros())
            .bind(now.minus(LEASE).micros());
        let statement =
            list.pad(attempts).fold(statement, |statement, attempt| statement.bind(&attempt.job_id));
        let rows = self.db.writer().await?.fetch_all(statement).await?;
        let mut begun = HashMap::with_capacity(rows.len());
        for row in &rows {
            let job = job(row)?;
            begun.insert(job.job_id.clone(), job);
        }
        Ok(attempts.iter().map(|attempt| begun.remove(&attempt.job_id)).collect())
    }
}
