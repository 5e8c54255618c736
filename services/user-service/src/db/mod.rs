//! The tables, in the SQL that both engines know. No SQL stands anywhere else.

mod address_keys;
mod change;
mod count;
mod create;
mod find;
mod stale;
#[cfg(test)]
mod tests;

pub(crate) use change::{Change, ChangeError};
pub(crate) use create::Creation;
pub(crate) use stale::StaleKey;

use sql_store::{Db, Migrations, SqlError};
use sqlx::{Row, any::AnyRow, migrate::Migrator};

use crate::record::{Content, StoredPerson};

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// The tables of this service, from the first release to this one.
pub const MIGRATIONS: Migrations =
    Migrations::per_engine(&POSTGRES, &SQLITE).with_step(address_keys::VERSION, address_keys::compute_all);

/// The people in the database.
#[derive(Clone, Debug)]
pub(crate) struct People {
    db: Db,
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
fn person(row: &AnyRow) -> Result<StoredPerson, SqlError> {
    let content = Content {
        email: row.try_get("email")?,
        availabilities: row.try_get("availabilities")?,
        preference: row.try_get("preference")?,
    };
    Ok(StoredPerson { content, created_at_us: row.try_get("created_at_us")? })
}
