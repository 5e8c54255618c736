use sql_store::SqlError;
use sqlx::{Row, query};

use super::Polls;
use crate::polls::PublicId;

/// Polls that one statement closes.
const BATCH: i64 = 100;

impl Polls {
    /// Gives a new version to polls whose deadline has come by an instant: each once, on however many replicas this runs.
    /// There may be more where it gives any.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn close_due(&self, now_us: i64) -> Result<Vec<PublicId>, SqlError> {
        let update = query(
            "UPDATE polls SET version = version + 1, described_version = version + 1, close_due_us = NULL \
             WHERE close_due_us <= $1 \
             AND id IN (SELECT id FROM polls WHERE close_due_us <= $1 ORDER BY close_due_us LIMIT $2) \
             RETURNING id",
        );
        let rows = self.db.writer().await?.fetch_all(update.bind(now_us).bind(BATCH)).await?;
        rows.iter().map(|row| Ok(PublicId::stored(row.try_get("id")?))).collect()
    }
}
