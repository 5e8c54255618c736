use sql_store::SqlError;
use sqlx::query;
use wire::{CaseId, NewPoll, Timestamp};

use super::{
    Polls,
    timed_orders::{order_closing, order_reminder},
};
use crate::{db::columns::to_json, key::Key, polls::StoredPoll};

/// What identifies the organiser by their address.
pub(super) fn organiser_key(content: &NewPoll) -> Option<String> {
    content.organiser_email.as_ref().map(|email| Key::from(email).as_str().to_owned())
}

impl Polls {
    /// Stores a new poll, and orders what is to happen at its deadline, and before it if it wants a reminder.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn create(&self, poll: &StoredPoll, case_id: &CaseId) -> Result<(), SqlError> {
        let content = &poll.content;
        let deadline_us = content.deadline.map(|deadline| deadline.as_microsecond());
        let insert = query(
            "INSERT INTO polls (id, admin_token_hash, version, described_version, reset_version, title, \
             description, location, layout, visibility, deadline_us, participants_ever, participants, \
             created_at_us, close_due_us, organiser_email, language, remind, keep_days, last_at_us, \
             organiser_key) \
             VALUES ($1, $2, $3, $3, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(poll.id.as_str())
        .bind(poll.admin.as_str())
        .bind(poll.version)
        .bind(content.title.as_str())
        .bind(content.description.as_str())
        .bind(content.location.as_str())
        .bind(to_json(&content.layout)?)
        .bind(content.visibility.name())
        .bind(deadline_us)
        .bind(poll.created_at_us)
        .bind(deadline_us.filter(|deadline_us| *deadline_us > poll.created_at_us))
        .bind(content.organiser_email.as_ref().map(|email| email.as_str().to_owned()))
        .bind(content.language.tag())
        .bind(i64::from(content.remind))
        .bind(content.keep_days.map(i64::from))
        .bind(poll.last_at_us)
        .bind(organiser_key(content));
        if content.deadline.is_none() {
            return self.db.writer().await?.execute(insert).await.map(drop);
        }
        let mut tx = self.db.begin().await?;
        tx.execute(insert).await?;
        let now = Timestamp::from_micros(poll.created_at_us).unwrap_or_else(Timestamp::now);
        order_closing(&mut tx, &poll.id, content.deadline, case_id, now).await?;
        if content.remind {
            order_reminder(&mut tx, &poll.id, content.deadline, case_id, now).await?;
        }
        tx.commit().await
    }
}
