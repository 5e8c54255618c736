use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};

/// Why a statement had no result.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The database could not be asked, or could not do it just now. Asking again later may help.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The statement would have broken a constraint of the tables (unique, foreign key, check, not null).
    #[error("the statement conflicts with what is stored")]
    Conflict(#[source] sqlx::Error),
    /// A fault of ours, or of the stored data.
    #[error("the statement failed")]
    Other(#[source] sqlx::Error),
}

impl SqlError {
    /// Not available, for a reason of our own.
    pub(crate) fn unavailable(reason: impl Into<String>) -> SqlError {
        SqlError::Unavailable(reason.into().into())
    }

    /// Whether asking again later may help; services answer 503 then.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, SqlError::Unavailable(_))
    }
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> SqlError {
        let unavailable = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => true,
            sqlx::Error::Database(reported) => passes(reported.as_ref()),
            _ => false,
        };
        let constraint = || {
            let reported = error.as_database_error()?;
            Some(
                reported.is_unique_violation()
                    || reported.is_foreign_key_violation()
                    || reported.is_check_violation()
                    || reported.kind() == sqlx::error::ErrorKind::NotNullViolation,
            )
        };
        if unavailable {
            SqlError::Unavailable(error.into())
        } else if constraint().unwrap_or(false) {
            SqlError::Conflict(error)
        } else {
            SqlError::Other(error)
        }
    }
}

/// Whether what the engine reports is a state that passes rather than an answer.
fn passes(reported: &dyn DatabaseError) -> bool {
    if let Some(postgres) = reported.try_downcast_ref::<PgDatabaseError>() {
        sqlstate_passes(postgres.code())
    } else if reported.try_downcast_ref::<SqliteError>().is_some() {
        let code = reported.code().and_then(|code| code.parse().ok());
        code.is_some_and(sqlite_passes)
    } else {
        false
    }
}

/// By <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn sqlstate_passes(code: &str) -> bool {
    /// Connection lost, may not log in (yet), no such database (yet), transaction rolled back (deadlock,
    /// serialization), resources used up, stopped by an operator (shutdown, start, cancel), fault of the machine.
    const CLASSES: [&str; 7] = ["08", "28", "3D", "40", "53", "57", "58"];
    /// read_only_sql_transaction, which a standby says during a failover, and lock_not_available.
    const CODES: [&str; 2] = ["25006", "55P03"];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code)
}

/// By <https://www.sqlite.org/rescode.html>; the low byte of an extended code is the primary one.
fn sqlite_passes(code: i32) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const NOMEM: i32 = 7;
    const READONLY: i32 = 8;
    const IOERR: i32 = 10;
    const FULL: i32 = 13;
    const CANTOPEN: i32 = 14;
    [BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN].contains(&(code & 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_unavailable() {
        for code in ["08006", "57P01", "57P03", "57014", "53300", "53100", "40P01", "28P01", "3D000", "25006"]
        {
            assert!(sqlstate_passes(code), "{code}");
        }
        for code in ["23505", "42P01", "22021", "42601", "25001"] {
            assert!(!sqlstate_passes(code), "{code}");
        }
        for (code, expected) in
            [(5, true), (517, true), (778, true), (13, true), (1, false), (11, false), (1555, false)]
        {
            assert_eq!(sqlite_passes(code), expected, "{code}");
        }
    }

    #[test]
    fn a_lost_connection_is_unavailable_and_a_wrong_column_is_not() {
        assert!(SqlError::from(sqlx::Error::PoolTimedOut).is_unavailable());
        assert!(SqlError::from(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())).is_unavailable());
        assert!(!SqlError::from(sqlx::Error::ColumnNotFound("x".to_owned())).is_unavailable());
    }
}
