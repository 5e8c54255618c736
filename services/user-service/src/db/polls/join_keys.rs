use sql_store::SqlError;
use sqlx::query;

use super::{
    Change,
    row::{participant, select_participants},
};
use crate::polls::{PublicId, StoredParticipant, TokenHash};

impl Change {
    /// The participant who came with the key of this hash.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn joined_by(&mut self, key: &TokenHash) -> Result<Option<StoredParticipant>, SqlError> {
        let select = query(concat!(select_participants!(), " AND participants.join_key_hash = $2"));
        let select = select.bind(self.poll.id.as_str()).bind(key.as_str());
        self.tx.fetch_optional(select).await?.map(|row| participant(&row)).transpose()
    }

    /// Notes with which key a participant came.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn note_join_key(&mut self, id: &PublicId, key: &TokenHash) -> Result<(), SqlError> {
        let update = query("UPDATE participants SET join_key_hash = $3 WHERE poll_id = $1 AND id = $2");
        let update = update.bind(self.poll.id.as_str()).bind(id.as_str()).bind(key.as_str());
        self.tx.execute(update).await.map(drop)
    }

    /// Gives a participant another token. The poll stays at its version: nobody sees a difference.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn replace_token(
        &mut self,
        participant: &StoredParticipant,
        token: &TokenHash,
    ) -> Result<(), SqlError> {
        let update = query("UPDATE participants SET edit_token_hash = $3 WHERE poll_id = $1 AND number = $2");
        let update = update.bind(self.poll.id.as_str()).bind(participant.number).bind(token.as_str());
        self.tx.execute(update).await?;
        let stay = query("UPDATE polls SET version = version - 1 WHERE id = $1");
        self.tx.execute(stay.bind(self.poll.id.as_str())).await?;
        self.poll.version -= 1;
        Ok(())
    }
}
