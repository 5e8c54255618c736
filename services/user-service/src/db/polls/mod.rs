//! Polls: a file for each operation.

mod answers;
mod change;
mod close;
mod count;
mod create;
mod decided_polls_of;
mod decision;
mod describe;
mod difference;
mod find;
mod join_keys;
mod meeting_replies;
mod participants;
mod participants_by_email;
mod purge;
mod put_answer;
mod retention;
pub(in crate::db) mod row;
mod timed_orders;

pub(crate) use change::Change;
pub(crate) use decision::BusyParticipant;
pub(crate) use find::PollVersion;
pub(crate) use participants::ParticipantContent;

use sql_store::{Db, SqlError};
use wire::PollState;

/// The polls in the database.
#[derive(Clone, Debug)]
pub(crate) struct Polls {
    db: Db,
}

impl Polls {
    pub(crate) fn new(db: Db) -> Polls {
        Polls { db }
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }
}

/// Why a poll cannot be read or changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PollError {
    #[error("there is no such poll")]
    UnknownPoll,
    #[error("there is no such participant")]
    UnknownParticipant,
    #[error("the token is missing or none of this poll")]
    Unauthorized,
    #[error("the token is not enough")]
    Forbidden,
    #[error("the poll is another than the client has seen")]
    PreconditionFailed,
    #[error("the poll is {0:?}")]
    NotOpen(PollState),
    #[error("the poll has as many participants as it can")]
    Full,
    #[error("the participant who came with this key has answered")]
    KeyUsedUp,
    #[error("required participants are busy")]
    Busy(Vec<BusyParticipant>),
    #[error("the participant is no stored person")]
    NotStored,
    #[error("the input is wrong")]
    Invalid(Vec<wire::Fault>),
    #[error(transparent)]
    Sql(#[from] SqlError),
}
