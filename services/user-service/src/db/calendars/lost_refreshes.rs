use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{CaseId, Timestamp};

use super::subscriptions::refresh_order;
use crate::db::People;

/// Subscriptions that one transaction orders anew.
const BATCH: i64 = 100;

impl People {
    /// Orders calendars to be fetched of which nothing has come since before an instant, though that was due:
    /// their job was given up. Whether there may be more.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn order_lost_refreshes(
        &self,
        now: Timestamp,
        before: Timestamp,
    ) -> Result<bool, SqlError> {
        let mut tx = self.db().begin().await?;
        let update = query(
            "UPDATE calendar_subscriptions SET turn = turn + 1, due_at_us = $1 WHERE due_at_us < $2 \
             AND id IN (SELECT id FROM calendar_subscriptions WHERE due_at_us < $2 ORDER BY due_at_us LIMIT $3) \
             RETURNING id, turn",
        );
        let rows = tx.fetch_all(update.bind(now.micros()).bind(before.micros()).bind(BATCH)).await?;
        for row in &rows {
            let (id, fetch_number): (String, i64) = (row.try_get("id")?, row.try_get("turn")?);
            refresh_order(&id, fetch_number, now, &CaseId::fresh()).insert(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(!rows.is_empty())
    }
}
