use sql_store::SqlError;
use sqlx::AssertSqlSafe;
use uuid::Builder;
use wire::Timestamp;

use super::Jobs;

impl Jobs {
    /// Deletes at most `limit` jobs that have come to their end and were ordered before `before`, the oldest first; how
    /// many these were. Ids begin with the time of the order, so the primary key finds them.
    pub async fn delete_ended(&self, before: Timestamp, limit: u32) -> Result<u64, SqlError> {
        let unless_locked = self.unless_locked();
        let text = format!(
            "DELETE FROM jobs WHERE job_id IN ( \
                SELECT job_id FROM jobs WHERE job_id < $1 AND state IN ('succeeded', 'failed', 'dead') \
                ORDER BY job_id LIMIT $2 {unless_locked})"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(first_id_at(before)).bind(i64::from(limit));
        self.db.writer().await?.execute(statement).await
    }
}

/// The lowest UUID version 7 of that millisecond.
fn first_id_at(time: Timestamp) -> String {
    let millis = u64::try_from(time.micros() / 1_000).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().to_string()
}
