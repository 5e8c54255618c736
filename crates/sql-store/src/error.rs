use std::{error::Error, io};

use crate::{Outage, outage::sqlstate};

#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The database could not be asked, or could not do it just now. Asking again later may help.
    #[error("{0}")]
    Unavailable(Outage, #[source] Box<dyn Error + Send + Sync>),
    /// The statement would have broken a constraint of the tables (unique, foreign key, check, not null).
    #[error("the statement conflicts with what is stored")]
    Conflict(#[source] sqlx::Error),
    /// A fault of ours, or of the stored data.
    #[error("the statement failed")]
    Other(#[source] sqlx::Error),
}

impl SqlError {
    pub(crate) fn unavailable(outage: Outage, reason: &'static str) -> SqlError {
        SqlError::Unavailable(outage, reason.into())
    }

    /// Whether asking again later may help; services answer 503 then.
    pub fn is_unavailable(&self) -> bool {
        self.outage().is_some()
    }

    /// Whether all that is wrong is that too many want a connection.
    pub fn is_busy(&self) -> bool {
        self.outage() == Some(Outage::Busy)
    }

    /// What keeps the database from answering; `None` when it did answer.
    pub fn outage(&self) -> Option<Outage> {
        match self {
            SqlError::Unavailable(outage, _) => Some(*outage),
            SqlError::Conflict(_) | SqlError::Other(_) => None,
        }
    }

    /// What happened in one short line that tells neither addresses nor names, for an answer that anybody may read.
    pub fn summary(&self) -> String {
        let detail = causes(self).find_map(|cause| {
            let kind = cause.downcast_ref::<io::Error>().map(|error| error.kind().to_string());
            let reported = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
            kind.or_else(|| Some(format!("code {}", sqlstate(reported?)?)))
        });
        detail.map_or_else(|| self.to_string(), |detail| format!("{self}: {detail}"))
    }
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> SqlError {
        let is_constraint = |reported: &dyn sqlx::error::DatabaseError| {
            reported.is_unique_violation()
                || reported.is_foreign_key_violation()
                || reported.is_check_violation()
                || reported.kind() == sqlx::error::ErrorKind::NotNullViolation
        };
        match Outage::of(&error) {
            Some(outage) => SqlError::Unavailable(outage, error.into()),
            None if error.as_database_error().is_some_and(is_constraint) => SqlError::Conflict(error),
            None => SqlError::Other(error),
        }
    }
}

/// The words of whoever noticed it first: the operating system, the server or the engine.
pub(crate) fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_unavailable_and_a_wrong_column_is_not() {
        let lost = SqlError::from(sqlx::Error::Io(io::ErrorKind::ConnectionReset.into()));
        assert_eq!(lost.outage(), Some(Outage::Unreachable));
        assert_eq!(lost.summary(), "the database cannot be reached: connection reset");
        assert!(!SqlError::from(sqlx::Error::ColumnNotFound("x".to_owned())).is_unavailable());
    }
}
