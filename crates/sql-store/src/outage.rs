use std::{borrow::Cow, error::Error, io};

use sqlx::{error::DatabaseError, sqlite::SqliteError};

/// Why a database could not be asked, or could not do it just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// A connection was refused or lost: nobody is there.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The server does not let this service in, or not at what it needs: a wrong password, a missing database, a right
    /// that was not granted, a certificate. Somebody has to change something.
    #[error("the database does not admit this service")]
    NotAdmitted,
    /// No answer within the deadline. It may be busy, and it may be gone.
    #[error("the database does not answer in time")]
    Slow,
    /// All connections of this process are in use, or all turns to write are taken. It says nothing about the database.
    #[error("all connections to the database are in use")]
    Busy,
    /// It reads but does not write: a standby, a full disk, a file that may not be written.
    #[error("the database takes no writes")]
    ReadOnly,
    /// A state that passes by itself, such as a deadlock or a want of memory.
    #[error("the database cannot do this just now")]
    Passing,
}

impl Outage {
    /// `None` for an answer: a fault of the statement or of the data.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Outage> {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed => {
                Some(Outage::Unreachable)
            }
            sqlx::Error::Tls(error) => Some(of_tls(error.as_ref())),
            sqlx::Error::PoolTimedOut => Some(Outage::Busy),
            sqlx::Error::BeginFailed => Some(Outage::Passing),
            sqlx::Error::Database(reported) => of_report(reported.as_ref()),
            _ => None,
        }
    }
}

/// A handshake that broke is a lost connection; one that was not agreed on is a refusal.
fn of_tls(error: &(dyn Error + 'static)) -> Outage {
    let broke = error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() != io::ErrorKind::InvalidData);
    if broke { Outage::Unreachable } else { Outage::NotAdmitted }
}

fn of_report(reported: &dyn DatabaseError) -> Option<Outage> {
    match sqlstate(reported) {
        // Of PgBouncer, under the code of a broken protocol.
        Some(_) if reported.message().starts_with("unsupported startup parameter") => {
            Some(Outage::NotAdmitted)
        }
        Some(code) => of_sqlstate(&code),
        None => of_result_code(reported.code()?.parse().ok()?),
    }
}

/// The code that PostgreSQL reported; SQLite has other ones.
pub(crate) fn sqlstate(reported: &dyn DatabaseError) -> Option<Cow<'_, str>> {
    if reported.try_downcast_ref::<SqliteError>().is_some() { None } else { reported.code() }
}

/// By <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_sqlstate(code: &str) -> Option<Outage> {
    Some(match code {
        // Stopped by an operator, crashed, or not started yet.
        "57P01" | "57P02" | "57P03" | "57P05" => Outage::Unreachable,
        // The database was dropped; the role lacks a right; a prepared statement is not there, or is somebody else's, which
        // says that a pooler mixes up sessions.
        "57P04" | "42501" | "26000" | "42P05" => Outage::NotAdmitted,
        // query_canceled, which a statement_timeout is reported as.
        "57014" => Outage::Slow,
        // read_only_sql_transaction, which a standby says during a failover; disk_full; io_error.
        "25006" | "53100" | "58030" => Outage::ReadOnly,
        // lock_not_available; the transaction was idle for too long.
        "55P03" | "25P03" => Outage::Passing,
        _ => match code.get(..2)? {
            "08" => Outage::Unreachable,
            // May not log in, no such database.
            "28" | "3D" => Outage::NotAdmitted,
            // Transaction rolled back (deadlock, serialization), resources used up, operator, fault of the machine.
            "40" | "53" | "57" | "58" => Outage::Passing,
            _ => return None,
        },
    })
}

/// By <https://www.sqlite.org/rescode.html>; the low byte of an extended code is the primary one.
fn of_result_code(code: i32) -> Option<Outage> {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const NOMEM: i32 = 7;
    const READONLY: i32 = 8;
    const IOERR: i32 = 10;
    const FULL: i32 = 13;
    const CANTOPEN: i32 = 14;
    match code & 0xff {
        BUSY | LOCKED | NOMEM => Some(Outage::Passing),
        READONLY | IOERR | FULL | CANTOPEN => Some(Outage::ReadOnly),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_what_can_be_done_about_it() {
        use Outage::{NotAdmitted, Passing, ReadOnly, Slow, Unreachable};
        for (code, expected) in [
            ("08006", Some(Unreachable)),
            ("57P01", Some(Unreachable)),
            ("57P03", Some(Unreachable)),
            ("28P01", Some(NotAdmitted)),
            ("3D000", Some(NotAdmitted)),
            ("42501", Some(NotAdmitted)),
            ("26000", Some(NotAdmitted)),
            ("57014", Some(Slow)),
            ("25006", Some(ReadOnly)),
            ("53100", Some(ReadOnly)),
            ("53300", Some(Passing)),
            ("40P01", Some(Passing)),
            ("55P03", Some(Passing)),
            ("23505", None),
            ("42P01", None),
            ("22021", None),
            ("25001", None),
        ] {
            assert_eq!(of_sqlstate(code), expected, "{code}");
        }
        for (code, expected) in [
            (5, Some(Passing)),
            (517, Some(Passing)),
            (778, Some(ReadOnly)),
            (13, Some(ReadOnly)),
            (1, None),
            (11, None),
            (1555, None),
        ] {
            assert_eq!(of_result_code(code), expected, "{code}");
        }
    }

    #[test]
    fn a_broken_handshake_is_no_refusal() {
        let broke = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(Outage::of(&sqlx::Error::Tls(broke.into())), Some(Outage::Unreachable));
        assert_eq!(Outage::of(&sqlx::Error::Tls("bad certificate".into())), Some(Outage::NotAdmitted));
    }
}
