//! The outbox of mails, and whom nobody may write to.

mod addresses;
mod count;
mod describe;
mod invitations;
mod meeting;
mod outcome;
mod reminders;
mod write;

pub(crate) use addresses::Block;
pub(crate) use count::WaitingMails;
pub(crate) use describe::StoredMail;
pub(crate) use meeting::Addressed;
pub(crate) use write::NewMail;

use sql_store::Db;

/// The mails in the database.
#[derive(Clone, Debug)]
pub(crate) struct Mails {
    db: Db,
}

impl Mails {
    /// Most mails that anybody gets in a day; what calls off a meeting comes on top.
    pub(crate) const PER_DAY: i64 = 20;
    /// Most invitations that a poll sends in an hour.
    pub(crate) const INVITATIONS_PER_HOUR: i64 = 500;

    pub(crate) fn new(db: Db) -> Mails {
        Mails { db }
    }
}
