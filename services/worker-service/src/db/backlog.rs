use sql_store::SqlError;
use sqlx::Row;
use wire::Timestamp;

use super::Jobs;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backlog {
    /// Messages that are due to be published, at most [`Backlog::MOST`].
    pub due: u32,
    /// Since when the oldest of those counted is.
    pub oldest_due: Option<Timestamp>,
    /// When the oldest job was ordered that waits for an attempt. Mails do not count: one that a server takes later waits for
    /// hours, and nobody for it.
    pub oldest_queued: Option<Timestamp>,
}

impl Backlog {
    /// So many messages are counted, so that counting never takes long.
    pub const MOST: u32 = 100_000;
}

impl Jobs {
    /// What waits at `now`. All of it is found by indexes.
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog, SqlError> {
        let due = sqlx::query(
            "SELECT COUNT(*) AS due, MIN(publish_after) AS oldest FROM ( \
                SELECT publish_after FROM jobs WHERE published = 0 AND state = 'queued' AND publish_after <= $1 \
                ORDER BY priority DESC, publish_after LIMIT $2) AS waiting",
        );
        // Ids begin with the time of the order.
        let queued = sqlx::query(
            "SELECT created_at FROM jobs WHERE state = 'queued' AND kind <> 'mail' ORDER BY job_id LIMIT 1",
        );
        let mut reader = self.db.reader().await?;
        let due = due.bind(now.micros()).bind(i64::from(Backlog::MOST));
        let due = reader.fetch_optional(due).await?.ok_or(sqlx::Error::RowNotFound)?;
        let queued = reader.fetch_optional(queued).await?;
        let queued = queued.map(|row| row.try_get::<i64, _>("created_at")).transpose()?;
        Ok(Backlog {
            due: u32::try_from(due.try_get::<i64, _>("due")?).unwrap_or(Backlog::MOST),
            oldest_due: due.try_get::<Option<i64>, _>("oldest")?.and_then(Timestamp::from_micros),
            oldest_queued: queued.and_then(Timestamp::from_micros),
        })
    }
}
