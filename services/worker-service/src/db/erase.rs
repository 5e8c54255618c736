use sql_store::{Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row};
use wire::Timestamp;

use super::{Jobs, row::payload};
use crate::{
    erasure::JobSubject,
    job::JobState,
    kinds::{JobKind, Suggest},
};

/// What is said of a job whose content was erased.
const ERASED: &str = "what it was about was erased";

impl Jobs {
    /// Whom at most `limit` suggestions are about, in the order of their ids, from behind `after`. Other kinds of jobs are told ids
    /// alone.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn subjects(&self, after: &str, limit: u32) -> Result<Vec<JobSubject>, SqlError> {
        let select = sqlx::query(
            "SELECT job_id, owner, payload, user_id_1, user_id_2, preference FROM jobs \
             WHERE job_id > $1 AND kind = $2 ORDER BY job_id LIMIT $3",
        );
        let select = select.bind(after).bind(Suggest::NAME).bind(i64::from(limit));
        let rows = self.db.reader().await?.fetch_all(select).await?;
        let subjects = rows.iter().map(|row| {
            let (job_id, owner) = (row.try_get("job_id")?, row.try_get("owner")?);
            Ok(JobSubject { job_id, owner, payload: payload(row)? })
        });
        subjects.collect()
    }

    /// Leaves of these jobs that there were such, and nothing of what they were about. One that waits is not done any more, and the
    /// attempt at one that runs changes nothing; messages about them find a job that has ended.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn erase(&self, job_ids: &[String], now: Timestamp) -> Result<(), SqlError> {
        if job_ids.is_empty() {
            return Ok(());
        }
        let list = Placeholders::new(4, job_ids.len());
        let text = format!(
            "UPDATE jobs SET payload = '{{}}', user_id_1 = '', user_id_2 = '', preference = NULL, \
             idempotency_key = NULL, owner = NULL, trace = '{{}}', result = NULL, error = $1, state = $2, \
             finished_at = COALESCE(finished_at, $3), lease_owner = NULL, lease_until = NULL, published = 1 \
             WHERE job_id IN ({list})"
        );
        let update =
            sqlx::query(AssertSqlSafe(text)).bind(ERASED).bind(JobState::Failed.name()).bind(now.micros());
        let update = list.pad(job_ids).fold(update, |update, job_id| update.bind(job_id));
        self.db.writer().await?.execute(update).await.map(drop)
    }
}
