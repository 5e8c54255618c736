use sql_store::SqlError;
use sqlx::query;

use super::Polls;

impl Polls {
    /// Takes away, with all their answers, polls that were deleted by an instant; how many.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn purge(&self, until_us: i64, limit: u32) -> Result<u64, SqlError> {
        let delete = query(
            "DELETE FROM polls WHERE deleted_at_us <= $1 AND id IN ( \
                SELECT id FROM polls WHERE deleted_at_us <= $1 ORDER BY deleted_at_us LIMIT $2)",
        );
        self.db.writer().await?.execute(delete.bind(until_us).bind(i64::from(limit))).await
    }

    /// Whether there are polls that were deleted by then, also such as another replica is purging just now.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn has_deleted(&self, until_us: i64) -> Result<bool, SqlError> {
        let select = query("SELECT 1 FROM polls WHERE deleted_at_us <= $1 LIMIT 1").bind(until_us);
        Ok(self.db.reader().await?.fetch_optional(select).await?.is_some())
    }
}
