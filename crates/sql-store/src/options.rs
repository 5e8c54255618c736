use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::any::AnyConnectOptions;
use url::Url;

/// Which engine keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A PostgreSQL server.
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

/// What to open and within which limits.
#[derive(Clone)]
pub struct OpenOptions {
    /// Connection string of a PostgreSQL server (`postgres://user:password@host/database`). Without one the SQLite
    /// file is opened. It is a secret: nothing of this crate prints it.
    pub dsn: Option<String>,
    /// The SQLite file; it and its folder are created when absent.
    pub sqlite_path: PathBuf,
    /// PostgreSQL schema of the service's tables, made by [`Db::migrate`](crate::Db::migrate); without one they are
    /// where the server's `search_path` says.
    pub schema: Option<&'static str>,
    /// Most connections at a time, from 1. An SQLite file has no use for more than [`OpenOptions::SQLITE_CONNECTIONS`].
    pub max_connections: u32,
    /// Longest wait for a connection, including the time to make one.
    pub acquire_deadline: Duration,
    /// Longest time of one statement.
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
            max_connections: 16,
            acquire_deadline: Duration::from_millis(1500),
            statement_deadline: Duration::from_secs(3),
        }
    }

    /// Which engine these options open.
    pub fn engine(&self) -> Engine {
        if self.dsn.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }

    pub(crate) fn connect_options(&self) -> Result<AnyConnectOptions, OpenError> {
        let url = match &self.dsn {
            Some(dsn) => postgres_url(dsn)?,
            None => sqlite_url(&self.sqlite_path)?,
        };
        sqlx::ConnectOptions::from_url(&url).map_err(|error| OpenError::Refused(error.into()))
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("engine", &self.engine())
            .field("sqlite_path", &self.sqlite_path)
            .field("schema", &self.schema)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
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
    /// The SQLite file's folder could not be made or read.
    #[error("the folder {} cannot be used: {source}", .folder.display())]
    Folder {
        /// The folder of the file.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The engine did not take the options.
    #[error("the database cannot be opened")]
    Refused(#[source] crate::SqlError),
}

fn postgres_url(dsn: &str) -> Result<Url, OpenError> {
    let url = Url::parse(dsn).map_err(|error| OpenError::Dsn(error.to_string()))?;
    if !["postgres", "postgresql"].contains(&url.scheme()) {
        return Err(OpenError::Dsn("it starts with another scheme".to_owned()));
    }
    Ok(url)
}

/// The file's URL by its absolute path, since the URL's rules for relative ones differ from the file system's.
fn sqlite_url(path: &Path) -> Result<Url, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let in_folder = |source| OpenError::Folder { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(in_folder)?;
    let absolute = folder.canonicalize().map_err(in_folder)?;
    let name = path.file_name().ok_or_else(|| in_folder(io::ErrorKind::InvalidFilename.into()))?;
    let file = Url::from_file_path(absolute.join(name));
    let file = file.map_err(|()| in_folder(io::ErrorKind::InvalidFilename.into()))?;
    let text = format!("sqlite://{}?mode=rwc", file.path());
    Url::parse(&text).map_err(|_| in_folder(io::ErrorKind::InvalidFilename.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_connection_string_is_refused_without_being_repeated() {
        for dsn in ["mysql://u:s3cret@h/d", "s3cret", "postgres://u:s3cret@h:port/d"] {
            let error = OpenOptions::new(Some(dsn.to_owned()), "unused").connect_options().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn options_do_not_print_the_connection_string() {
        let options = OpenOptions::new(Some("postgres://u:s3cret@h/d".to_owned()), "unused");
        assert!(!format!("{options:?}").contains("s3cret"));
    }

    #[test]
    fn a_file_name_may_have_any_character() {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite_url(&folder.path().join("new/a b?c#d%e.db")).unwrap();
        assert!(url.as_str().ends_with("/new/a%20b%3Fc%23d%25e.db?mode=rwc"), "{url}");
    }
}
