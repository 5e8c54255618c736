use sql_store::SqlError;
use sqlx::{Row, query};

use super::Polls;
use crate::polls::PublicId;

impl Polls {
    /// Gives a new version to polls whose deadline is not after an instant, so that whoever has seen the old one reads again:
    /// each once, however often this is asked. That they take no more answers does not wait for this.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn close_due(&self, until_us: i64, limit: u32) -> Result<Vec<PublicId>, SqlError> {
        let update = query(
            "UPDATE polls SET version = version + 1, described_version = version + 1, close_due_us = NULL \
             WHERE close_due_us <= $1 \
             AND id IN (SELECT id FROM polls WHERE close_due_us <= $1 ORDER BY close_due_us LIMIT $2) \
             RETURNING id",
        );
        let rows = self.db.writer().await?.fetch_all(update.bind(until_us).bind(i64::from(limit))).await?;
        rows.iter().map(|row| Ok(PublicId::stored(row.try_get("id")?))).collect()
    }

    /// Whether there are polls to be closed by then, also such as another replica is closing just now.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn has_due(&self, until_us: i64) -> Result<bool, SqlError> {
        let select = query("SELECT 1 FROM polls WHERE close_due_us <= $1 LIMIT 1").bind(until_us);
        Ok(self.db.reader().await?.fetch_optional(select).await?.is_some())
    }
}
