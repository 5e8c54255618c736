//! The tables, in the SQL that both engines know. No SQL stands anywhere else.

mod people;
mod stale_keys;
#[cfg(test)]
mod tests;

pub(crate) use people::{Change, ChangeError, Creation, People};
pub(crate) use stale_keys::StaleKey;

use sql_store::Migrations;
use sqlx::migrate::Migrator;

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// The tables of this service, from the first release to this one.
pub const MIGRATIONS: Migrations = Migrations::per_engine(&POSTGRES, &SQLITE)
    .with_step(people::address_keys::VERSION, people::address_keys::compute_all);
