use sqlx::{Row, query};

use super::{
    PollError, Polls,
    row::{participant, select_participants},
};
use crate::polls::{PublicId, StoredParticipant, StoredPoll};

impl Polls {
    /// The participants of a poll as they are in its version; `None` when the poll has another one by now.
    ///
    /// # Errors
    /// [`PollError`].
    pub(crate) async fn participants(
        &self,
        poll: &StoredPoll,
    ) -> Result<Option<Vec<StoredParticipant>>, PollError> {
        let select = query(concat!(select_participants!(), " ORDER BY participants.number"));
        let rows = self.db.reader().await?.fetch_all(select.bind(poll.id.as_str())).await?;
        // All rows are of one moment, and so of one version.
        let version = rows.first().map(|row| row.try_get::<i64, _>("poll_version")).transpose();
        if version.map_err(sql_store::SqlError::from)?.is_some_and(|version| version != poll.version) {
            return Ok(None);
        }
        Ok(Some(rows.iter().map(participant).collect::<Result<_, _>>()?))
    }

    /// One participant.
    ///
    /// # Errors
    /// [`PollError::UnknownParticipant`].
    pub(crate) async fn participant(
        &self,
        poll: &PublicId,
        id: &PublicId,
    ) -> Result<StoredParticipant, PollError> {
        let select = query(concat!(select_participants!(), " AND participants.id = $2"));
        let select = select.bind(poll.as_str()).bind(id.as_str());
        let row = self.db.reader().await?.fetch_optional(select).await?;
        Ok(participant(&row.ok_or(PollError::UnknownParticipant)?)?)
    }
}
