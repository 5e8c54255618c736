use domain::Zone;
use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{AsText, Email, Hours};

use super::Change;
use crate::{
    db::columns::to_json,
    key::Key,
    polls::{PublicId, StoredParticipant, TokenHash},
};

/// What a participant says of themselves.
#[derive(Clone, Debug)]
pub(crate) struct ParticipantContent {
    pub(crate) name: String,
    pub(crate) time_zone: Zone,
    pub(crate) email: Option<Email>,
    pub(crate) required: bool,
    pub(crate) working_hours: Vec<Hours>,
}

impl From<&StoredParticipant> for ParticipantContent {
    fn from(stored: &StoredParticipant) -> ParticipantContent {
        ParticipantContent {
            name: stored.name.clone(),
            time_zone: stored.time_zone.clone(),
            email: stored.email.clone(),
            required: stored.required,
            working_hours: stored.working_hours.clone(),
        }
    }
}

impl Change {
    /// Adds a participant.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn add(
        &mut self,
        id: &PublicId,
        token: &TokenHash,
        content: &ParticipantContent,
    ) -> Result<(), SqlError> {
        let count = query(
            "UPDATE polls SET participants = participants + 1, participants_ever = participants_ever + 1 \
             WHERE id = $1 RETURNING participants_ever",
        );
        let row = self.tx.fetch_optional(count.bind(self.poll.id.as_str())).await?;
        let number: i64 = row.ok_or(sqlx::Error::RowNotFound)?.try_get("participants_ever")?;
        let insert = query(
            "INSERT INTO participants (poll_id, number, id, edit_token_hash, version, name, time_zone, email, \
             address_key, required, working_hours) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.poll.id.as_str())
        .bind(number)
        .bind(id.as_str())
        .bind(token.as_str())
        .bind(self.poll.version)
        .bind(content.name.as_str())
        .bind(content.time_zone.to_text().into_owned())
        .bind(content.email.as_ref().map(|email| email.as_str().to_owned()))
        .bind(content.email.as_ref().map(|email| Key::from(email).as_str().to_owned()))
        .bind(i64::from(content.required))
        .bind(to_json(&content.working_hours)?);
        self.tx.execute(insert).await.map(drop)
    }

    /// Replaces what a participant says of themselves.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn rename(
        &mut self,
        participant: &StoredParticipant,
        content: &ParticipantContent,
    ) -> Result<(), SqlError> {
        let update = query(
            "UPDATE participants SET version = $3, name = $4, time_zone = $5, email = $6, address_key = $7, \
             required = $8, working_hours = $9 WHERE poll_id = $1 AND number = $2",
        )
        .bind(self.poll.id.as_str())
        .bind(participant.number)
        .bind(self.poll.version)
        .bind(content.name.as_str())
        .bind(content.time_zone.to_text().into_owned())
        .bind(content.email.as_ref().map(|email| email.as_str().to_owned()))
        .bind(content.email.as_ref().map(|email| Key::from(email).as_str().to_owned()))
        .bind(i64::from(content.required))
        .bind(to_json(&content.working_hours)?);
        self.tx.execute(update).await.map(drop)
    }

    /// Takes a participant and their answer away.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn remove(&mut self, participant: &StoredParticipant) -> Result<(), SqlError> {
        let delete = query("DELETE FROM participants WHERE poll_id = $1 AND number = $2");
        self.tx.execute(delete.bind(self.poll.id.as_str()).bind(participant.number)).await?;
        let count =
            query("UPDATE polls SET participants = participants - 1, reset_version = version WHERE id = $1");
        self.tx.execute(count.bind(self.poll.id.as_str())).await.map(drop)
    }
}
