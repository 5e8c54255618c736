use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{MailOutcome, MailState, Timestamp};

use super::{
    Mails,
    addresses::{Block, address_hash},
};

impl Mails {
    /// Notes what became of a mail, whose link goes then; whether there is such a mail. What has ended once stays so.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn end(
        &self,
        id: &str,
        outcome: &MailOutcome,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        let (state, error, bounced) = match outcome {
            MailOutcome::Sent => (MailState::Sent, None, false),
            MailOutcome::Failed { error, bounced } => (MailState::Failed, Some(error.clone()), *bounced),
        };
        let update = query(
            "UPDATE mails SET \
             ended_at_us = CASE WHEN state = 'waiting' THEN $4 ELSE ended_at_us END, \
             error = CASE WHEN state = 'waiting' THEN $3 ELSE error END, \
             state = CASE WHEN state = 'waiting' THEN $2 ELSE state END, \
             link = NULL WHERE id = $1 RETURNING address_key",
        );
        let update = update.bind(id).bind(state.name()).bind(error).bind(now.micros());
        if !bounced {
            return Ok(self.db.writer().await?.fetch_optional(update).await?.is_some());
        }
        let mut tx = self.db.begin().await?;
        let Some(row) = tx.fetch_optional(update).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        if bounced {
            let hash = address_hash(&row.try_get::<String, _>("address_key")?);
            // Whoever has said themselves that they want no mails stays known for that.
            let block = query(
                "UPDATE mail_addresses SET blocked = $2, blocked_at_us = $3 \
                 WHERE address_hash = $1 AND blocked IS NULL",
            );
            tx.execute(block.bind(hash).bind(Block::Bounced.name()).bind(now.micros())).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that a mail is not sent any more, since what it says is not so.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn withdraw(&self, id: &str, now: Timestamp) -> Result<(), SqlError> {
        let update = query(
            "UPDATE mails SET state = 'withdrawn', ended_at_us = $2, link = NULL \
             WHERE id = $1 AND state = 'waiting'",
        );
        self.db.writer().await?.execute(update.bind(id).bind(now.micros())).await.map(drop)
    }
}
