use std::collections::HashSet;

use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{Language, Timestamp};

use crate::{db::PollChange, key::Key, polls::PublicId};

impl PollChange {
    /// The addresses of those who take part already.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn address_keys(&mut self) -> Result<HashSet<Key>, SqlError> {
        let select =
            query("SELECT address_key FROM participants WHERE poll_id = $1 AND address_key IS NOT NULL");
        let rows = self.tx.fetch_all(select.bind(self.poll.id.as_str())).await?;
        rows.iter().map(|row| Ok(Key::stored(&row.try_get::<String, _>("address_key")?))).collect()
    }

    /// How many invitations the poll has sent since an instant.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn invitations_since(&mut self, since: Timestamp) -> Result<i64, SqlError> {
        let select = query(
            "SELECT COUNT(*) AS sent FROM mails \
             WHERE poll_id = $1 AND purpose = 'invitation' AND created_at_us > $2",
        );
        let row = self.tx.fetch_optional(select.bind(self.poll.id.as_str()).bind(since.micros())).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.try_get("sent")?)
    }

    /// Notes what mails to a participant are written in.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn note_language(&mut self, id: &PublicId, language: Language) -> Result<(), SqlError> {
        let update = query("UPDATE participants SET language = $3 WHERE poll_id = $1 AND id = $2");
        let update = update.bind(self.poll.id.as_str()).bind(id.as_str()).bind(language.tag());
        self.tx.execute(update).await.map(drop)
    }
}
