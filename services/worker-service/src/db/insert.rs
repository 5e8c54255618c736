use std::collections::{BTreeMap, HashSet};

use sql_store::{Db, Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{
    Jobs,
    batcher::BatchStatement,
    row::{columns, job},
};
use crate::job::{Job, JobOrder, JobState};

#[derive(Clone, Debug)]
pub struct NewJob {
    pub job_id: String,
    pub case_id: String,
    pub order: JobOrder,
    /// Under which the client may send the same request again.
    pub idempotency_key: Option<String>,
    /// The account that has ordered it, to which the key belongs; none where nobody was signed in.
    pub owner: Option<String>,
    /// Headers of the trace that it belongs to.
    pub trace: BTreeMap<String, String>,
    pub created_at: Timestamp,
    /// When somebody else may publish it, unless it was published by then.
    pub publish_after: Timestamp,
}

impl NewJob {
    /// The key as it is kept. A client's own is printable, so no client's key is another's with an owner.
    fn stored_key(&self) -> Option<String> {
        let key = self.idempotency_key.as_ref()?;
        Some(self.owner.as_ref().map_or_else(|| key.clone(), |owner| format!("\u{1}account/{owner}/{key}")))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    New,
    /// The idempotency key is taken, by this job.
    Known(Box<Job>),
}

/// Stores new jobs; `false` for one whose key is taken.
#[derive(Debug)]
pub(super) struct InsertJobs(pub(super) Db);

impl BatchStatement<NewJob, bool> for InsertJobs {
    const OPERATION: &str = "INSERT";

    async fn run(&self, jobs: &[NewJob]) -> Result<Vec<bool>, SqlError> {
        let list = Placeholders::new(1, jobs.len());
        // Replicas of the release before kinds read the pair from columns of its own, which other kinds leave empty.
        let text = format!(
            "INSERT INTO jobs (job_id, case_id, kind, payload, priority, user_id_1, user_id_2, preference, \
             idempotency_key, owner, trace, state, attempts, created_at, published, publish_after) VALUES {} \
             ON CONFLICT DO NOTHING RETURNING job_id",
            list.rows(16)
        );
        let statement = list.pad(jobs).fold(sqlx::query(AssertSqlSafe(text)), |statement, new| {
            let payload = &new.order.payload;
            let text = |name: &str| payload[name].as_str().map(str::to_owned);
            statement
                .bind(&new.job_id)
                .bind(&new.case_id)
                .bind(&new.order.kind)
                .bind(payload.to_string())
                .bind(i64::from(new.order.priority))
                .bind(text("userId1").unwrap_or_default())
                .bind(text("userId2").unwrap_or_default())
                .bind(text("preference"))
                .bind(new.stored_key())
                .bind(&new.owner)
                .bind(serde_json::to_string(&new.trace).unwrap_or_else(|_| "{}".to_owned()))
                .bind(JobState::Queued.name())
                .bind(0_i64)
                .bind(new.created_at.micros())
                .bind(0_i64)
                .bind(new.publish_after.micros())
        });
        let mut stored = HashSet::new();
        for row in self.0.writer().await?.fetch_all(statement).await? {
            stored.insert(row.try_get::<String, _>("job_id")?);
        }
        Ok(jobs.iter().map(|new| stored.contains(&new.job_id)).collect())
    }
}

impl Jobs {
    /// Stores a job; durable when this returns.
    pub async fn insert(&self, new: &NewJob) -> Result<Inserted, SqlError> {
        if self.inserts.submit(new.clone()).await? {
            return Ok(Inserted::New);
        }
        let select = concat!("SELECT ", columns!(), " FROM jobs WHERE idempotency_key = $1");
        let statement = sqlx::query(select).bind(new.stored_key());
        match self.db.reader().await?.fetch_optional(statement).await? {
            Some(row) => Ok(Inserted::Known(Box::new(job(&row)?))),
            None => Err(SqlError::Other(sqlx::Error::RowNotFound)),
        }
    }
}
