use sqlx::query;

use super::{
    PollError, Polls,
    row::{participant, poll, poll_columns, select_participants},
};
use crate::polls::{PublicId, StoredParticipant, StoredPoll};

/// What is different in a poll since a version of it.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The poll as it is.
    pub(crate) poll: StoredPoll,
    /// Who came, or was changed, or has answered since; `None` when all has to be read again.
    pub(crate) participants: Option<Vec<StoredParticipant>>,
}

impl Polls {
    /// What is different since this version.
    ///
    /// # Errors
    /// [`PollError::UnknownPoll`].
    pub(crate) async fn difference(&self, id: &PublicId, since: i64) -> Result<Difference, PollError> {
        let mut session = self.db.reader().await?;
        let select = query(concat!(
            "SELECT ",
            poll_columns!(),
            " FROM polls WHERE polls.id = $1 AND polls.deleted_at_us IS NULL"
        ));
        let row = session.fetch_optional(select.bind(id.as_str())).await?.ok_or(PollError::UnknownPoll)?;
        let poll = poll(&row)?;
        if since == poll.version {
            return Ok(Difference { poll, participants: Some(Vec::new()) });
        }
        if since > poll.version || since < poll.reset_version {
            return Ok(Difference { poll, participants: None });
        }
        let select = query(concat!(
            select_participants!(),
            " AND participants.version > $2 ORDER BY participants.number"
        ));
        // They may be newer than the poll as it was read: then they come once more with the next difference.
        let rows = session.fetch_all(select.bind(id.as_str()).bind(since)).await?;
        Ok(Difference { poll, participants: Some(rows.iter().map(participant).collect::<Result<_, _>>()?) })
    }
}
