use sql_store::SqlError;

use super::{
    Jobs,
    row::{columns, job},
};
use crate::job::{Job, JobState};

impl Jobs {
    pub async fn find(&self, job_id: &str) -> Result<Option<Job>, SqlError> {
        let statement =
            sqlx::query(concat!("SELECT ", columns!(), " FROM jobs WHERE job_id = $1")).bind(job_id);
        let row = self.db.reader().await?.fetch_optional(statement).await?;
        Ok(row.as_ref().map(job).transpose()?)
    }

    /// At most `limit` jobs about two people, the newest first, from behind the job `after`; of one owner, or of everybody;
    /// in one state, or in any. Those about polls are not listed: whoever knows the id of one sees its result, and with it
    /// who takes part.
    pub async fn page(
        &self,
        owner: Option<&str>,
        state: Option<JobState>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Job>, SqlError> {
        // Above every UUID, which have digits from 0 to f.
        let after = after.unwrap_or("g");
        let statement = match (owner, state) {
            (Some(owner), state) => sqlx::query(concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE owner = $1 AND job_id < $2 AND user_id_1 <> '' AND ($3 = '' OR state = $3) \
                  ORDER BY job_id DESC LIMIT $4"
            ))
            .bind(owner)
            .bind(after)
            .bind(state.map(JobState::name).unwrap_or_default()),
            (None, None) => sqlx::query(concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE job_id < $1 AND user_id_1 <> '' ORDER BY job_id DESC LIMIT $2"
            ))
            .bind(after),
            (None, Some(state)) => sqlx::query(concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE state = $1 AND job_id < $2 AND user_id_1 <> '' ORDER BY job_id DESC LIMIT $3"
            ))
            .bind(state.name())
            .bind(after),
        };
        let rows = self.db.reader().await?.fetch_all(statement.bind(i64::from(limit))).await?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }
}
