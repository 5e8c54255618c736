//! The table of jobs. All SQL of this service is here.

mod backlog;
mod batcher;
mod claim;
mod erase;
mod find;
mod insert;
mod installation;
mod outbox;
mod retention;
mod row;
mod settle;

use std::{path::Path, sync::Arc};

use service_kit::Secret;
use sql_store::{Db, Migrations, OpenError, OpenOptions, Script};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub use backlog::Backlog;
pub use claim::Claim;
pub use insert::{Inserted, NewJob};
pub use outbox::Mark;

use crate::{DATABASE_FILE, job::Job};
use batcher::Batcher;
use claim::{AttemptStart, StartAttempts};
use insert::InsertJobs;
use settle::{AttemptEnd, SettleAttempts};

/// The tables of this service, from the first release to this one; one text for both engines.
pub const SCRIPTS: &[Script] = &[
    Script::new(1, "jobs", include_str!("../../migrations/0001_jobs.sql")),
    Script::new(2, "kinds and leases", include_str!("../../migrations/0002_kinds_and_leases.sql")),
    Script::new(3, "owners", include_str!("../../migrations/0003_owners.sql")),
];

pub const MIGRATIONS: Migrations = Migrations::common(SCRIPTS);

/// The jobs of this service. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Jobs {
    db: Db,
    /// Of the leases that this process holds.
    owner: Arc<str>,
    installation: Arc<OnceCell<String>>,
    inserts: Batcher<NewJob, bool>,
    attempts: Batcher<AttemptStart, Option<Job>>,
    outcomes: Batcher<AttemptEnd, bool>,
}

impl Jobs {
    /// The jobs in the server that the DSN names (schema `worker`), or else in `worker.db` in the folder `data`.
    ///
    /// # Errors
    /// When the DSN is malformed or the folder cannot be used.
    pub async fn open(dsn: Option<&Secret>, max_connections: u32, data: &Path) -> Result<Jobs, OpenError> {
        let options = OpenOptions {
            schema: Some("worker"),
            table: Some("jobs"),
            max_connections,
            ..OpenOptions::new(dsn.map(|dsn| dsn.expose().to_owned()), data.join(DATABASE_FILE))
        };
        let db = Db::open(options).await?;
        let owner: Arc<str> = Uuid::new_v4().to_string().into();
        Ok(Jobs {
            inserts: Batcher::start(db.statement_context().clone(), InsertJobs(db.clone())),
            attempts: Batcher::start(
                db.statement_context().clone(),
                StartAttempts { db: db.clone(), owner: owner.clone() },
            ),
            outcomes: Batcher::start(db.statement_context().clone(), SettleAttempts(db.clone())),
            owner,
            installation: Arc::default(),
            db,
        })
    }

    /// The database itself, to migrate it and to ask how it is.
    pub fn db(&self) -> &Db {
        &self.db
    }
}
