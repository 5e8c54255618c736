use sql_store::{Session, SqlError};
use sqlx::{Row, query};

use super::{
    Change, PollError, Polls,
    row::{participant, select_participants},
};
use crate::{
    key::Key,
    polls::{PublicId, StoredParticipant, StoredPoll},
};

impl Polls {
    /// The participants of a poll as they are in its version, or of them those who are different since an earlier one;
    /// `None` when the poll has another version by now.
    ///
    /// # Errors
    /// [`PollError`].
    pub(crate) async fn participants(
        &self,
        poll: &StoredPoll,
        since: Option<i64>,
    ) -> Result<Option<Vec<StoredParticipant>>, PollError> {
        let select = query(concat!(
            select_participants!(),
            " AND participants.version > $2 ORDER BY participants.number"
        ));
        let select = select.bind(poll.id.as_str()).bind(since.unwrap_or(-1));
        let rows = self.db.reader().await?.fetch_all(select).await?;
        // All rows are of one moment, and so of one version.
        let version = rows.first().map(|row| row.try_get::<i64, _>("poll_version")).transpose();
        if version.map_err(SqlError::from)?.is_some_and(|version| version != poll.version) {
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

    /// The participants of a poll with this address.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn participants_with(
        &self,
        poll: &PublicId,
        address: &Key,
    ) -> Result<Vec<StoredParticipant>, SqlError> {
        participants_with(&mut self.db.reader().await?, poll, address).await
    }
}

impl Change {
    /// As [`Polls::participants_with`], within the change.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn participants_with(
        &mut self,
        address: &Key,
    ) -> Result<Vec<StoredParticipant>, SqlError> {
        participants_with(&mut self.tx, &self.poll.id, address).await
    }
}

async fn participants_with(
    session: &mut Session,
    poll: &PublicId,
    address: &Key,
) -> Result<Vec<StoredParticipant>, SqlError> {
    let select = query(concat!(
        select_participants!(),
        " AND participants.address_key = $2 ORDER BY participants.number"
    ));
    let select = select.bind(poll.as_str()).bind(address.as_str());
    session.fetch_all(select).await?.iter().map(participant).collect()
}
