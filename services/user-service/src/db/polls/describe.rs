use sql_store::SqlError;
use sqlx::query;
use wire::{CaseId, NewPoll, Timestamp};

use super::{
    Change,
    create::organiser_key,
    timed_orders::{forget_reminder, order_closing, order_purge, order_reminder},
};
use crate::db::columns::to_json;

impl Change {
    /// Replaces what the poll says of itself, and orders what is to happen at another deadline. One that has passed
    /// needs no announcement.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn describe(
        &mut self,
        content: &NewPoll,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<(), SqlError> {
        let old = &self.poll.content;
        let has_new_meaning = old.layout != content.layout || old.visibility != content.visibility;
        let deadline_us = content.deadline.map(|deadline| deadline.as_microsecond());
        let update = query(
            "UPDATE polls SET title = $2, description = $3, location = $4, layout = $5, visibility = $6, \
             deadline_us = $7, organiser_email = $9, language = $10, remind = $11, keep_days = $12, organiser_key = $13, described_version = version, \
             reset_version = CASE WHEN $8 = 1 THEN version ELSE reset_version END WHERE id = $1",
        )
        .bind(self.poll.id.as_str())
        .bind(content.title.as_str())
        .bind(content.description.as_str())
        .bind(content.location.as_str())
        .bind(to_json(&content.layout)?)
        .bind(content.visibility.name())
        .bind(deadline_us)
        .bind(i64::from(has_new_meaning))
        .bind(content.organiser_email.as_ref().map(|email| email.as_str().to_owned()))
        .bind(content.language.tag())
        .bind(i64::from(content.remind))
        .bind(content.keep_days.map(i64::from))
        .bind(organiser_key(content));
        self.tx.execute(update).await?;
        if old.deadline != content.deadline {
            let due_us = deadline_us.filter(|deadline_us| *deadline_us > now.micros());
            let update = query("UPDATE polls SET close_due_us = $2 WHERE id = $1");
            self.tx.execute(update.bind(self.poll.id.as_str()).bind(due_us)).await?;
            order_closing(&mut self.tx, &self.poll.id, content.deadline, case_id, now).await?;
        }
        if (old.deadline, old.remind) != (content.deadline, content.remind) {
            if old.remind {
                forget_reminder(&mut self.tx, &self.poll.id, old.deadline).await?;
            }
            if content.remind {
                order_reminder(&mut self.tx, &self.poll.id, content.deadline, case_id, now).await?;
            }
        }
        self.poll.content = content.clone();
        self.moves_last_instant = true;
        Ok(())
    }

    /// Deletes the poll, such that it can be restored, and orders the end of that.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn delete(&mut self, now: Timestamp, case_id: &CaseId) -> Result<(), SqlError> {
        self.set_deleted(Some(now.micros())).await?;
        order_purge(&mut self.tx, now, case_id).await
    }

    /// Restores the poll, which is kept from now on as if it had been made anew.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn restore(&mut self) -> Result<(), SqlError> {
        self.moves_last_instant = true;
        self.set_deleted(None).await
    }

    async fn set_deleted(&mut self, deleted_at_us: Option<i64>) -> Result<(), SqlError> {
        let update = query("UPDATE polls SET deleted_at_us = $2, reset_version = version WHERE id = $1");
        let update = update.bind(self.poll.id.as_str()).bind(deleted_at_us);
        self.tx.execute(update).await.map(drop)
    }
}
