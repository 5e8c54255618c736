use std::time::Duration;

use sql_store::{Db, Migrations, OpenOptions};
use sqlx::migrate::Migrator;
use tempfile::TempDir;

static MIGRATOR: Migrator = sqlx::migrate!("tests/store/migrations");

/// The tables that the tests write to.
pub(crate) const NOTES: Migrations = Migrations::common(&MIGRATOR);

/// A database that no other test has.
pub(crate) struct Place {
    pub(crate) options: OpenOptions,
    /// Removed with the file in it when this is dropped.
    _folder: Option<TempDir>,
}

impl Place {
    /// On the shared PostgreSQL.
    pub(crate) async fn postgres() -> Place {
        let dsn = testkit::shared::postgres_database().await.unwrap();
        Place { options: patient(OpenOptions::new(Some(dsn), "unused.db")), _folder: None }
    }

    /// In a file.
    pub(crate) fn sqlite() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let options = patient(OpenOptions::new(None, folder.path().join("made/on/open/notes.db")));
        Place { options, _folder: Some(folder) }
    }

    /// One of each.
    pub(crate) async fn both() -> [Place; 2] {
        [Place::postgres().await, Place::sqlite()]
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(self.options.clone()).await.unwrap()
    }

    pub(crate) async fn migrated(&self) -> Db {
        let db = self.open().await;
        db.migrate(&NOTES).await.unwrap();
        db
    }
}

/// No test is about these deadlines unless it sets its own, and a busy machine may be slow.
fn patient(options: OpenOptions) -> OpenOptions {
    let deadline = Duration::from_secs(30);
    OpenOptions { acquire_deadline: deadline, statement_deadline: deadline, ..options }
}
