use std::{io, path::PathBuf, time::Duration};

use crate::SqlError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    /// A file of this machine.
    Sqlite,
}

impl Engine {
    /// Its name in OpenTelemetry's semantic conventions (`db.system.name`).
    pub fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgresql",
            Engine::Sqlite => "sqlite",
        }
    }
}

#[derive(Clone)]
pub struct OpenOptions {
    /// Connection string of a PostgreSQL server (`postgres://user:password@host/database`). Without one the SQLite
    /// file is opened. It is a secret: nothing prints it, and these options have no `Debug`.
    pub dsn: Option<String>,
    /// The SQLite file; it and its folder are created when absent.
    pub sqlite_path: PathBuf,
    /// PostgreSQL schema of the service's tables, made by [`Db::migrate`](crate::Db::migrate); without one they are
    /// where the server's `search_path` says.
    pub schema: Option<&'static str>,
    /// A table that [`Db::health`](crate::Db::health) looks for: whether it is there, and whether this service may read
    /// and write it. A file is the service's alone, so it is not asked there.
    pub table: Option<&'static str>,
    /// Most connections at a time, from 1. An SQLite file has no use for more than [`OpenOptions::SQLITE_CONNECTIONS`].
    pub max_connections: u32,
    /// Longest wait for a connection, including the time to make one.
    pub acquire_deadline: Duration,
    pub statement_deadline: Duration,
}

impl OpenOptions {
    /// Readers of an SQLite file do not wait for its one writer, but each connection is a thread.
    pub const SQLITE_CONNECTIONS: u32 = 4;

    /// The server that the DSN names, or else this file; 16 connections, 1.5 s for one of them, 3 s for a statement.
    pub fn new(dsn: Option<String>, sqlite_path: impl Into<PathBuf>) -> OpenOptions {
        OpenOptions {
            dsn,
            sqlite_path: sqlite_path.into(),
            schema: None,
            table: None,
            max_connections: 16,
            acquire_deadline: Duration::from_millis(1500),
            statement_deadline: Duration::from_secs(3),
        }
    }

    /// Most connections that are open at a time, from 1.
    pub fn connections(&self) -> u32 {
        match self.engine() {
            Engine::Postgres => self.max_connections.max(1),
            Engine::Sqlite => self.max_connections.clamp(1, OpenOptions::SQLITE_CONNECTIONS),
        }
    }

    pub fn engine(&self) -> Engine {
        if self.dsn.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }
}

/// Why a database could not be opened; the process should end and say so.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection string does not look like one. It may hold a password, so it is not repeated here.
    #[error(
        "the PostgreSQL connection string is not valid: {0}; it looks like postgres://user:password@host/database"
    )]
    Dsn(String),
    #[cfg(not(feature = "postgres"))]
    #[error("this program is built without PostgreSQL")]
    WithoutPostgres,
    #[error("the folder {} cannot be used", .folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("the database {} cannot be used", .path.display())]
    File { path: PathBuf, source: io::Error },
    /// Two processes on one file would answer from caches that know nothing of each other's changes.
    #[error(
        "another process uses the database {}: stop it, or use another folder",
        .0.display()
    )]
    InUse(PathBuf),
    #[error("the database {} cannot be opened", .path.display())]
    Refused { path: PathBuf, source: SqlError },
    /// A setting of the pool or of a metric cannot be used, which is a fault of this code.
    #[error("the database cannot be set up: {0}")]
    Setting(String),
}
