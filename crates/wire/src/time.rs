use std::{fmt, time::Duration};

use jiff::{Unit, fmt::temporal::DateTimePrinter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use utoipa::{PartialSchema, ToSchema, openapi};

/// An instant in whole microseconds; on the wire RFC 3339 in UTC with six decimals: `2026-11-23T09:30:00.000000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The current time of this machine's clock.
    pub fn now() -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z; `None` outside jiff's range (years −9999 to 9999).
    pub fn from_micros(micros: i64) -> Option<Timestamp> {
        jiff::Timestamp::from_microsecond(micros).ok().map(|_| Timestamp(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// So much later, in whole microseconds; the same where that is outside the range.
    #[must_use]
    pub fn plus(self, span: Duration) -> Timestamp {
        let moved = i64::try_from(span.as_micros()).ok().and_then(|micros| self.0.checked_add(micros));
        moved.and_then(Timestamp::from_micros).unwrap_or(self)
    }

    /// So much earlier, in whole microseconds; the same where that is outside the range.
    #[must_use]
    pub fn minus(self, span: Duration) -> Timestamp {
        let moved = i64::try_from(span.as_micros()).ok().and_then(|micros| self.0.checked_sub(micros));
        moved.and_then(Timestamp::from_micros).unwrap_or(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        let printer = DateTimePrinter::new().precision(Some(6));
        f.write_str(&printer.timestamp_to_string(&instant))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let instant = jiff::Timestamp::deserialize(deserializer)?;
        let micros = instant.round(Unit::Microsecond).map_err(D::Error::custom)?.as_microsecond();
        Ok(Timestamp(micros))
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .format(Some(openapi::SchemaFormat::KnownFormat(openapi::KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_six_decimals_and_read_back() {
        let instant = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let text = serde_json::to_string(&instant).unwrap();
        assert_eq!(text, r#""2025-11-24T16:00:00.000000Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), instant);
        assert_eq!(Timestamp::from_micros(i64::MAX), None);
    }

    #[test]
    fn moves_within_its_range() {
        let (instant, second) = (Timestamp(5_000_000), Duration::from_secs(1));
        assert_eq!(
            (instant.plus(second), instant.minus(second)),
            (Timestamp(6_000_000), Timestamp(4_000_000))
        );
        assert_eq!((instant.plus(Duration::MAX), instant.minus(Duration::MAX)), (instant, instant));
    }
}
