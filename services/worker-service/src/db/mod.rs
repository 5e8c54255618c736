//! The table of jobs. All SQL of this service is here.

mod backlog;
mod group;
mod jobs;
mod outbox;
mod progress;
mod retention;
mod row;
mod rows;

use std::path::Path;

use service_kit::Secret;
use sql_store::{Db, Migrations, OpenError, OpenOptions};
use sqlx::migrate::Migrator;

pub use backlog::Backlog;
pub use jobs::{Inserted, NewJob};
pub use outbox::Mark;
pub use progress::Claim;

use crate::job::Job;
use group::Group;
use jobs::Insert;
use progress::{Attempted, Begin, Outcome, Settle};

static MIGRATOR: Migrator = sqlx::migrate!();

/// The tables of this service, one text for both engines.
pub static MIGRATIONS: Migrations = Migrations::common(&MIGRATOR);

/// The jobs of this service. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Jobs {
    db: Db,
    inserts: Group<NewJob, bool>,
    attempts: Group<Attempted, Option<Job>>,
    outcomes: Group<Outcome, bool>,
}

impl Jobs {
    /// The jobs in the server that the DSN names (schema `worker`), or else in `worker.db` in the folder `data`.
    ///
    /// # Errors
    /// When the DSN is malformed or the folder cannot be used.
    pub async fn open(dsn: Option<&Secret>, max_connections: u32, data: &Path) -> Result<Jobs, OpenError> {
        let options = OpenOptions {
            schema: Some("worker"),
            max_connections,
            ..OpenOptions::new(dsn.map(|dsn| dsn.expose().to_owned()), data.join("worker.db"))
        };
        let db = Db::open(options).await?;
        Ok(Jobs {
            inserts: Group::start(db.terms().clone(), Insert(db.clone())),
            attempts: Group::start(db.terms().clone(), Begin(db.clone())),
            outcomes: Group::start(db.terms().clone(), Settle(db.clone())),
            db,
        })
    }

    /// The database itself, to migrate it and to ask how it is.
    pub fn db(&self) -> &Db {
        &self.db
    }
}
