use std::{fs, io, path::Path};

use sqlx::{ConnectOptions, Connection, SqliteConnection, query, query_scalar, sqlite::SqliteConnectOptions};

use crate::{
    OpenError,
    file::{COMPANIONS, DataFile, beside},
};

/// What a file that was replaced has at the end of its name.
const REPLACED: &str = ".before-restore";

/// Copies an SQLite database as it is at one moment, while other processes read and write it.
///
/// # Errors
/// When there is no such database, or no room for the copy.
pub async fn copy_database(from: &Path, to: &Path) -> Result<(), sqlx::Error> {
    let to = to.to_str().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    let mut connection = open(from).await?;
    query("VACUUM INTO ?").bind(to).execute(&mut connection).await?;
    connection.close().await
}

/// Whether a file is a database of the service that has this table, and whole; otherwise what is the matter with it.
pub async fn check_database(path: &Path, table: &str) -> Result<(), sqlx::Error> {
    let mut connection = open(path).await?;
    let found: String = query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
    if found != "ok" {
        return Err(sqlx::Error::Protocol(found));
    }
    let asked = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', ?)";
    let tables: i64 = query_scalar(asked).bind(table).fetch_one(&mut connection).await?;
    if tables != 2 {
        return Err(sqlx::Error::Protocol(format!("it is of another program, without the table {table}")));
    }
    connection.close().await
}

async fn open(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new().filename(path).disable_statement_logging().connect().await
}

/// An SQLite file that no process has open, and that none opens as long as this lives.
#[derive(Debug)]
pub struct ClosedDatabase(DataFile);

impl ClosedDatabase {
    /// Takes the file, which is made when absent.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while a process has it open.
    pub fn take(path: &Path) -> Result<ClosedDatabase, OpenError> {
        DataFile::take(path).map(ClosedDatabase)
    }

    /// Puts `database` in its place. What was there stays beside it as `….before-restore`.
    pub fn replace_by(&self, database: &Path) -> io::Result<()> {
        let path = &self.0.path;
        let is_empty = fs::metadata(path)?.len() == 0;
        for ending in ["", COMPANIONS[0], COMPANIONS[1]] {
            let (file, kept) = (beside(path, ending), beside(path, &format!("{REPLACED}{ending}")));
            if is_empty {
                unless_missing(fs::remove_file(&file))?;
            } else {
                unless_missing(fs::remove_file(&kept))?;
                unless_missing(fs::rename(&file, kept))?;
            }
        }
        fs::rename(database, path)
    }
}

fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
