use std::collections::{BTreeMap, HashSet};

use sql_store::{Db, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{
    Jobs,
    group::Statement,
    row::{columns, job},
    rows::Rows,
};
use crate::job::{Job, Order, State};

/// A job to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its id, a UUID version 7.
    pub job_id: String,
    /// The Case-ID of the request.
    pub case_id: String,
    /// What is asked for.
    pub order: Order,
    /// Under which the client may send the same request again.
    pub idempotency_key: Option<String>,
    /// Headers of the trace that it belongs to.
    pub trace: BTreeMap<String, String>,
    /// Now.
    pub created_at: Timestamp,
    /// When somebody else may publish it, unless it was published by then.
    pub publish_after: Timestamp,
}

/// What became of a job that was to be stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    /// It is stored.
    New,
    /// The idempotency key is taken, by this job.
    Known(Box<Job>),
}

/// Stores new jobs; `false` for one whose key is taken.
#[derive(Debug)]
pub(super) struct Insert(pub(super) Db);

impl Statement<NewJob, bool> for Insert {
    const OPERATION: &str = "INSERT";

    async fn run(&self, jobs: &[NewJob]) -> Result<Vec<bool>, SqlError> {
        let rows = Rows::of(jobs);
        let text = format!(
            "INSERT INTO jobs (job_id, case_id, user_id_1, user_id_2, preference, idempotency_key, trace, state, \
             attempts, created_at, published, publish_after) VALUES {} ON CONFLICT DO NOTHING RETURNING job_id",
            rows.placeholders(12)
        );
        let statement = rows.iter().fold(sqlx::query(AssertSqlSafe(text)), |statement, new| {
            statement
                .bind(&new.job_id)
                .bind(&new.case_id)
                .bind(&new.order.user_id_1)
                .bind(&new.order.user_id_2)
                .bind(new.order.preference.map(|preference| preference.name()))
                .bind(&new.idempotency_key)
                .bind(serde_json::to_string(&new.trace).unwrap_or_else(|_| "{}".to_owned()))
                .bind(State::Queued.name())
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
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn insert(&self, new: &NewJob) -> Result<Inserted, SqlError> {
        if self.inserts.ask(new.clone()).await? {
            return Ok(Inserted::New);
        }
        let select = concat!("SELECT ", columns!(), " FROM jobs WHERE idempotency_key = $1");
        let statement = sqlx::query(select).bind(&new.idempotency_key);
        match self.db.reader().await?.fetch_optional(statement).await? {
            Some(row) => Ok(Inserted::Known(Box::new(job(&row)?))),
            None => Err(SqlError::Other(sqlx::Error::RowNotFound)),
        }
    }

    /// The job of that id.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn find(&self, job_id: &str) -> Result<Option<Job>, SqlError> {
        let statement =
            sqlx::query(concat!("SELECT ", columns!(), " FROM jobs WHERE job_id = $1")).bind(job_id);
        let row = self.db.reader().await?.fetch_optional(statement).await?;
        Ok(row.as_ref().map(job).transpose()?)
    }

    /// At most `limit` jobs, the newest first, from behind the job `after`; in one state, or in any.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn page(
        &self,
        state: Option<State>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Job>, SqlError> {
        // Above every UUID, which have digits from 0 to f.
        let after = after.unwrap_or("g");
        let statement = match state {
            None => sqlx::query(concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE job_id < $1 ORDER BY job_id DESC LIMIT $2"
            ))
            .bind(after),
            Some(state) => sqlx::query(concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE state = $1 AND job_id < $2 ORDER BY job_id DESC LIMIT $3"
            ))
            .bind(state.name())
            .bind(after),
        };
        let rows = self.db.reader().await?.fetch_all(statement.bind(i64::from(limit))).await?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }
}
