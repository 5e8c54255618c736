//! What columns hold in a form of its own.

use jiff::Timestamp as Instant;
use serde::{Serialize, de::DeserializeOwned};
use sql_store::SqlError;
use wire::{AsText, Range};

/// A column that is JSON.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, SqlError> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()).into())
}

/// What a JSON column holds.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, SqlError> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()).into())
}

/// A column that is a text in a form of its own.
pub(super) fn text<T: AsText>(text: &str) -> Result<T, SqlError> {
    T::from_text(text).map_err(|error| sqlx::Error::Decode(error.into()).into())
}

pub(super) fn instant(micros: i64) -> Result<Instant, SqlError> {
    Instant::from_microsecond(micros).map_err(|error| sqlx::Error::Decode(error.into()).into())
}

pub(super) fn range(start: i64, end: i64) -> Result<Range, SqlError> {
    Ok(Range { start: instant(start)?, end: instant(end)? })
}
