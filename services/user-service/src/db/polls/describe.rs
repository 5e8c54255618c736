use sql_store::SqlError;
use sqlx::query;
use wire::NewPoll;

use super::Change;
use crate::db::columns::to_json;

impl Change {
    /// Replaces what the poll says of itself.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn describe(&mut self, content: &NewPoll) -> Result<(), SqlError> {
        let old = &self.poll.content;
        let has_new_meaning = old.layout != content.layout || old.visibility != content.visibility;
        let update = query(
            "UPDATE polls SET title = $2, description = $3, location = $4, layout = $5, visibility = $6, \
             deadline_us = $7, described_version = version, \
             reset_version = CASE WHEN $8 = 1 THEN version ELSE reset_version END WHERE id = $1",
        )
        .bind(self.poll.id.as_str())
        .bind(content.title.as_str())
        .bind(content.description.as_str())
        .bind(content.location.as_str())
        .bind(to_json(&content.layout)?)
        .bind(content.visibility.name())
        .bind(content.deadline.map(|deadline| deadline.as_microsecond()))
        .bind(i64::from(has_new_meaning));
        self.tx.execute(update).await?;
        self.poll.content = content.clone();
        Ok(())
    }

    /// Deletes the poll, such that it can be restored.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn delete(&mut self, now_us: i64) -> Result<(), SqlError> {
        self.set_deleted(Some(now_us)).await
    }

    /// Restores the poll.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn restore(&mut self) -> Result<(), SqlError> {
        self.set_deleted(None).await
    }

    async fn set_deleted(&mut self, deleted_at_us: Option<i64>) -> Result<(), SqlError> {
        let update = query("UPDATE polls SET deleted_at_us = $2, reset_version = version WHERE id = $1");
        let update = update.bind(self.poll.id.as_str()).bind(deleted_at_us);
        self.tx.execute(update).await.map(drop)
    }
}
