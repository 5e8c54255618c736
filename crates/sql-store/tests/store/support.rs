use std::{path::Path, time::Duration};

use sql_store::{Db, Migrations, OpenOptions, Script, SqlError};
use sqlx::{AssertSqlSafe, query};
use tempfile::TempDir;
use testkit::TcpProxy;
use url::Url;

pub(crate) const NOTES: Migrations =
    Migrations::common(&[Script::new(1, "notes", include_str!("migrations/0001_notes.sql"))]);

/// A database that no other test has.
pub(crate) struct Place {
    pub(crate) options: OpenOptions,
    /// Removed with the file in it when this is dropped.
    _folder: Option<TempDir>,
}

impl Place {
    pub(crate) async fn postgres() -> Place {
        let dsn = testkit::shared::postgres_database().await.unwrap();
        Place { options: with_long_deadlines(OpenOptions::new(Some(dsn), "unused.db")), _folder: None }
    }

    pub(crate) fn sqlite() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let options =
            with_long_deadlines(OpenOptions::new(None, folder.path().join("made/on/open/notes.db")));
        Place { options, _folder: Some(folder) }
    }

    pub(crate) async fn both() -> [Place; 2] {
        [Place::postgres().await, Place::sqlite()]
    }

    pub(crate) fn path(&self) -> &Path {
        &self.options.sqlite_path
    }

    pub(crate) fn change_dsn(&mut self, change: impl FnOnce(&mut Url)) {
        let mut url: Url = self.options.dsn.as_deref().unwrap().parse().unwrap();
        change(&mut url);
        self.options.dsn = Some(url.into());
    }

    pub(crate) async fn move_behind_proxy(&mut self) -> TcpProxy {
        let (proxy, dsn) = TcpProxy::before(self.options.dsn.as_deref().unwrap()).await.unwrap();
        self.options.dsn = Some(dsn);
        proxy
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
fn with_long_deadlines(options: OpenOptions) -> OpenOptions {
    let deadline = Duration::from_secs(30);
    OpenOptions { acquire_deadline: deadline, statement_deadline: deadline, ..options }
}

/// A database of PostgreSQL, seen through a proxy that can break the line.
pub(crate) async fn behind_proxy() -> (TcpProxy, Place) {
    let mut place = Place::postgres().await;
    (place.move_behind_proxy().await, place)
}

pub(crate) async fn execute(db: &Db, statement: &str) -> Result<u64, SqlError> {
    db.writer().await?.execute(query(AssertSqlSafe(statement.to_owned()))).await
}
