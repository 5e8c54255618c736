use sql_store::SqlError;
use sqlx::query;

use super::Polls;

/// Polls that one statement takes away with all their answers.
const BATCH: i64 = 20;

impl Polls {
    /// Takes away what was deleted before an instant; whether there may be more.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn purge(&self, before_us: i64) -> Result<bool, SqlError> {
        let delete = query(
            "DELETE FROM polls WHERE deleted_at_us < $1 \
             AND id IN (SELECT id FROM polls WHERE deleted_at_us < $1 LIMIT $2)",
        );
        let deleted = self.db.writer().await?.execute(delete.bind(before_us).bind(BATCH)).await?;
        Ok(deleted > 0)
    }
}
