//! The end of polls that nobody needs any more: they are deleted as their organiser would, so that they can be restored.

use sql_store::{SqlError, Tx};
use sqlx::query;
use wire::{CaseId, PollDays, Timestamp};

use super::{
    Change, Polls,
    row::{poll, poll_columns},
    timed_orders::order_purge,
};
use crate::polls::{PollRetention, PublicId, StoredPoll, last_instant};

/// The last change of a weekly poll is known to so many microseconds, so that not every answer writes it.
const PRECISION_US: i64 = 24 * 60 * 60 * 1_000_000;

impl Change {
    /// Notes the last instant that the poll is about, where this change may have moved it.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn note_last_instant(&mut self, now: Timestamp) -> Result<(), SqlError> {
        let is_weekly = matches!(self.poll.content.layout.days, PollDays::Weekly { .. });
        let is_old = self.poll.last_at_us.is_none_or(|last_us| last_us < now.micros() - PRECISION_US);
        if self.moves_last_instant || (is_weekly && is_old) {
            set_last_instant(&mut self.tx, &self.poll, now).await?;
        }
        Ok(())
    }
}

impl Polls {
    /// Notes the last instant of polls that a release before this one has made, as if they had been changed now; whether there
    /// may be more of them.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn note_missing_last_instants(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<bool, SqlError> {
        let select = query(concat!(
            "SELECT ",
            poll_columns!(),
            " FROM polls WHERE last_at_us IS NULL AND deleted_at_us IS NULL LIMIT $1"
        ));
        let mut tx = self.db.begin().await?;
        let rows = tx.fetch_all(select.bind(i64::from(limit))).await?;
        for row in &rows {
            set_last_instant(&mut tx, &poll(row)?, now).await?;
        }
        tx.commit().await?;
        Ok(rows.len() == limit as usize)
    }

    /// Deletes polls that have been kept for as long as the installation, or their organiser, wants; those that were deleted, and
    /// whether there may be more.
    ///
    /// # Errors
    /// [`SqlError`], by kind; none was deleted.
    pub(crate) async fn delete_ended(
        &self,
        retention: PollRetention,
        until: Timestamp,
        now: Timestamp,
        case_id: &CaseId,
        limit: u32,
    ) -> Result<(Vec<PublicId>, bool), SqlError> {
        let ended_before = retention.ended_before(now.min(until));
        let select = query(concat!(
            "SELECT ",
            poll_columns!(),
            " FROM polls WHERE deleted_at_us IS NULL AND (last_at_us <= $1 \
             OR (keep_days IS NOT NULL AND last_at_us + keep_days * 86400000000 <= $2)) ORDER BY last_at_us, id LIMIT $3"
        ))
        .bind(ended_before.map_or(i64::MIN, Timestamp::micros))
        .bind(until.micros())
        .bind(i64::from(limit));
        let mut tx = self.db.begin().await?;
        let mut deleted = Vec::new();
        let rows = tx.fetch_all(select).await?;
        for row in &rows {
            let poll = poll(row)?;
            if is_noted_too_early(&poll) {
                // A replica of the release before has moved its dates.
                set_last_instant(&mut tx, &poll, now).await?;
            } else if delete(&mut tx, &poll, now).await? {
                deleted.push(poll.id);
            }
        }
        if !deleted.is_empty() {
            order_purge(&mut tx, now, case_id).await?;
        }
        tx.commit().await?;
        Ok((deleted, rows.len() == limit as usize))
    }
}

fn is_noted_too_early(poll: &StoredPoll) -> bool {
    let noted = poll.last_at_us.and_then(Timestamp::from_micros);
    noted.is_none_or(|noted| last_instant(&poll.content.layout, poll.meeting, noted) > noted)
}

async fn set_last_instant(tx: &mut Tx, poll: &StoredPoll, now: Timestamp) -> Result<(), SqlError> {
    let last = last_instant(&poll.content.layout, poll.meeting, now);
    let update = query("UPDATE polls SET last_at_us = $2 WHERE id = $1");
    tx.execute(update.bind(poll.id.as_str()).bind(last.micros())).await.map(drop)
}

/// Deletes the poll unless it has been changed meanwhile; whether it did.
async fn delete(tx: &mut Tx, poll: &StoredPoll, now: Timestamp) -> Result<bool, SqlError> {
    let update = query(
        "UPDATE polls SET deleted_at_us = $2, version = version + 1, reset_version = version + 1 \
         WHERE id = $1 AND version = $3 AND deleted_at_us IS NULL",
    );
    let update = update.bind(poll.id.as_str()).bind(now.micros()).bind(poll.version);
    Ok(tx.execute(update).await? > 0)
}
