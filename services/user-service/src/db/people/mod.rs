//! People: a file for each operation.

pub(super) mod address_keys;
mod change;
mod count;
mod create;
mod erase;
mod find;

pub(crate) use change::{Change, ChangeError};
pub(crate) use create::Creation;
pub(crate) use erase::Erased;

use sql_store::{Db, SqlError};
use sqlx::{Row, any::AnyRow};

use crate::record::{Content, StoredPerson};

#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(super) db: Db,
}

impl People {
    pub(crate) fn new(db: Db) -> People {
        People { db }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}

/// Reads the columns that every query of people names alike.
pub(super) fn person(row: &AnyRow) -> Result<StoredPerson, SqlError> {
    let content = Content {
        email: row.try_get("email")?,
        availabilities: row.try_get("availabilities")?,
        preference: row.try_get("preference")?,
    };
    Ok(StoredPerson { content, created_at_us: row.try_get("created_at_us")? })
}
