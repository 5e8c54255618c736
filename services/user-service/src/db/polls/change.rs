use jiff::Timestamp as Instant;
use sql_store::{SqlError, Tx};
use sqlx::query;

use super::{
    PollError, Polls,
    find::{account_role, role},
    row::{participant, poll, poll_columns, select_participants},
};
use crate::{
    conditions::Conditions,
    db::schedules::{self, StoredSchedule},
    key::Key,
    polls::{PublicId, Role, StoredParticipant, StoredPoll, TokenHash},
};

/// A change of one poll that is not committed yet. Its row is locked: other changes of that poll wait.
#[derive(Debug)]
pub(crate) struct Change {
    pub(in crate::db) tx: Tx,
    /// The poll with the version that it has after the change, and otherwise as before.
    pub(crate) poll: StoredPoll,
    /// Who changes it.
    pub(crate) role: Role,
    /// Whether the poll may be about other times, or is to be kept for longer.
    pub(super) moves_last_instant: bool,
}

/// Of a changed poll: the participant whose token $2 is.
macro_rules! is_holder {
    () => {
        concat!(
            "participants.poll_id = polls.id AND (participants.edit_token_hash = $2 \
             OR participants.reminder_token_hash = $2 OR participants.id = (",
            account_role!(),
            "))"
        )
    };
}

/// Behind the columns of a changed poll: the participant whose token $2 is, their answer, and what an account has had that token made
/// for, so that to know who changes it takes no further statement.
macro_rules! holder_columns {
    () => {
        concat!(
            ", (SELECT participants.id FROM participants WHERE ",
            is_holder!(),
            ") AS holder_id, \
             (SELECT answers.number FROM participants JOIN answers ON answers.poll_id = participants.poll_id \
             AND answers.number = participants.number WHERE ",
            is_holder!(),
            ") AS holder_answer, (",
            account_role!(),
            ") AS account_role"
        )
    };
}

/// Which polls may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    Present,
    Deleted,
}

impl Polls {
    /// Begins a change of a poll.
    ///
    /// # Errors
    /// [`PollError::UnknownPoll`]; [`PollError::Unauthorized`] for a token that is none of this poll;
    /// [`PollError::PreconditionFailed`].
    pub(crate) async fn change(
        &self,
        id: &PublicId,
        token: Option<&TokenHash>,
        conditions: &Conditions,
    ) -> Result<Change, PollError> {
        self.begin(id, token, conditions, Among::Present).await
    }

    /// Begins a change of a deleted poll.
    ///
    /// # Errors
    /// As [`Polls::change`].
    pub(crate) async fn change_deleted(
        &self,
        id: &PublicId,
        token: Option<&TokenHash>,
        conditions: &Conditions,
    ) -> Result<Change, PollError> {
        self.begin(id, token, conditions, Among::Deleted).await
    }

    async fn begin(
        &self,
        id: &PublicId,
        token: Option<&TokenHash>,
        conditions: &Conditions,
        among: Among,
    ) -> Result<Change, PollError> {
        let mut tx = self.db.begin().await?;
        let update = match among {
            Among::Present => concat!(
                "UPDATE polls SET version = version + 1 WHERE id = $1 AND deleted_at_us IS NULL RETURNING ",
                poll_columns!(),
                holder_columns!()
            ),
            Among::Deleted => concat!(
                "UPDATE polls SET version = version + 1 WHERE id = $1 AND deleted_at_us IS NOT NULL RETURNING ",
                poll_columns!(),
                holder_columns!()
            ),
        };
        let update = query(update).bind(id.as_str()).bind(token.map_or("", TokenHash::as_str));
        let Some(row) = tx.fetch_optional(update).await? else {
            tx.rollback().await?;
            return Err(PollError::UnknownPoll);
        };
        let poll = poll(&row)?;
        let role = role(&poll.admin, token, &row).and_then(|role| {
            let seen = conditions.allow_change_of(&format!("\"{}\"", poll.version - 1));
            if seen { Ok(role) } else { Err(PollError::PreconditionFailed) }
        });
        match role {
            Ok(role) => Ok(Change { tx, poll, role, moves_last_instant: false }),
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }
}

impl Change {
    /// Takes the change back, for this reason.
    pub(crate) async fn refuse(self, error: PollError) -> PollError {
        match self.tx.rollback().await {
            Ok(()) => error,
            Err(lost) => lost.into(),
        }
    }

    /// Takes the change back: there is nothing to change.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was changed either way.
    pub(crate) async fn give_up(self) -> Result<(), SqlError> {
        self.tx.rollback().await
    }

    /// Makes the change durable and visible.
    ///
    /// # Errors
    /// Nobody can say whether it was committed, or still will be.
    pub(crate) async fn commit(self) -> Result<(), SqlError> {
        self.tx.commit().await
    }

    /// One participant of the poll.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn participant(&mut self, id: &PublicId) -> Result<Option<StoredParticipant>, SqlError> {
        let select = query(concat!(select_participants!(), " AND participants.id = $2"));
        let select = select.bind(self.poll.id.as_str()).bind(id.as_str());
        self.tx.fetch_optional(select).await?.map(|row| participant(&row)).transpose()
    }

    /// All participants of the poll.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn participants(&mut self) -> Result<Vec<StoredParticipant>, SqlError> {
        let select = query(concat!(select_participants!(), " ORDER BY participants.number"));
        let rows = self.tx.fetch_all(select.bind(self.poll.id.as_str())).await?;
        rows.iter().map(participant).collect()
    }

    /// The schedule of a person, and when they are busy from one instant to another, within the change; `None` when there
    /// is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn schedule(
        &mut self,
        key: &Key,
        from: Instant,
        to: Instant,
    ) -> Result<Option<StoredSchedule>, SqlError> {
        let mut found = schedules::select(&mut self.tx, std::slice::from_ref(key), from, to).await?;
        Ok(found.remove(key))
    }
}
