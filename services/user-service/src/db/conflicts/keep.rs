use sql_store::SqlError;
use sqlx::query;
use wire::{CaseId, Conflicts};

use super::{Whose, order_check};
use crate::{
    db::{PollChange, columns::to_json},
    key::Key,
    polls::StoredParticipant,
};

impl PollChange {
    /// Keeps when a participant's answer is in conflict with their schedule, instead of what was known of that.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn keep_conflicts(
        &mut self,
        participant: &StoredParticipant,
        conflicts: Option<&Conflicts>,
    ) -> Result<(), SqlError> {
        let update = query("UPDATE answers SET conflicts = $3 WHERE poll_id = $1 AND number = $2")
            .bind(self.poll.id.as_str())
            .bind(participant.number)
            .bind(conflicts.map(to_json).transpose()?);
        self.tx.execute(update).await?;
        let update = query("UPDATE participants SET version = $3 WHERE poll_id = $1 AND number = $2");
        let update = update.bind(self.poll.id.as_str()).bind(participant.number).bind(self.poll.version);
        self.tx.execute(update).await.map(drop)
    }

    /// Locks a person, if there is such a one, until the change ends: nobody changes their schedule and calendars meanwhile.
    /// Whoever has locked a person locks no poll, so neither waits for the other in vain.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn lock_person(&mut self, key: &Key) -> Result<(), SqlError> {
        let lock = query("UPDATE people SET id = id WHERE address_key = $1").bind(key.as_str());
        self.tx.execute(lock).await.map(drop)
    }

    /// Has it looked whether answers of those who take part agree with their schedules, since it is another time now at
    /// which they are busy, or the poll is open again, or asks about other times.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn check_conflicts(&mut self, case_id: &CaseId) -> Result<(), SqlError> {
        order_check(&mut self.tx, Whose::ParticipantsOf(&self.poll.id), case_id).await
    }

    /// The same for one person, if the address is that of a stored one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn check_conflicts_of(&mut self, key: &Key, case_id: &CaseId) -> Result<(), SqlError> {
        order_check(&mut self.tx, Whose::Address(key), case_id).await
    }
}
