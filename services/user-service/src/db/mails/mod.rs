//! The outbox of mails, and whom nobody may write to.

mod addresses;
mod find;
mod forget;
mod insert;
mod invitations;
mod outcome;
mod recipients;
mod reminders;
mod settled;
mod waiting;

pub(crate) use addresses::Block;
pub(in crate::db) use addresses::address_hash;
pub(crate) use find::StoredMail;
pub(in crate::db) use forget::forget_address;
pub(crate) use insert::NewMail;
pub(crate) use recipients::Addressed;
pub(crate) use settled::Told;
pub(crate) use waiting::WaitingMails;

use std::sync::Arc;

use sql_store::{Db, SqlError};
use tokio::sync::OnceCell;

use super::service_keys;
use crate::polls::ReplyKey;

/// The mails in the database.
#[derive(Clone, Debug)]
pub(crate) struct Mails {
    db: Db,
    reply_key: Arc<OnceCell<ReplyKey>>,
}

impl Mails {
    /// Most mails that anybody gets in a day; what calls off a meeting comes on top.
    pub(crate) const PER_DAY: i64 = 20;
    /// Most invitations that a poll sends in an hour.
    pub(crate) const INVITATIONS_PER_HOUR: i64 = 500;

    pub(crate) fn new(db: Db) -> Mails {
        Mails { db, reply_key: Arc::default() }
    }

    /// The key for addresses that calendars answer to.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn reply_key(&self) -> Result<&ReplyKey, SqlError> {
        self.reply_key.get_or_try_init(|| service_keys::reply_key(&self.db)).await
    }
}
