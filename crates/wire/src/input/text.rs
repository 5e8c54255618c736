use std::borrow::Cow;

use domain::{Level, TimeOfDay, Weekday, Zone};
use jiff::{Timestamp, civil::Date};

/// What is a text in a form of its own on the wire.
pub trait AsText: Sized {
    /// The text.
    fn to_text(&self) -> Cow<'static, str>;

    /// Reads the text.
    ///
    /// # Errors
    /// What is wrong with it and what would be right.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl AsText for Zone {
    fn to_text(&self) -> Cow<'static, str> {
        self.name().into()
    }

    fn from_text(text: &str) -> Result<Zone, String> {
        Zone::parse(text).map_err(|error| error.to_string())
    }
}

impl AsText for TimeOfDay {
    fn to_text(&self) -> Cow<'static, str> {
        self.to_string().into()
    }

    fn from_text(text: &str) -> Result<TimeOfDay, String> {
        TimeOfDay::parse(text).map_err(|error| error.to_string())
    }
}

impl AsText for Weekday {
    fn to_text(&self) -> Cow<'static, str> {
        self.name().into()
    }

    /// In any case.
    fn from_text(text: &str) -> Result<Weekday, String> {
        Weekday::from_name(text).ok_or_else(|| format!("{text:?} is not a weekday; use monday to sunday"))
    }
}

impl AsText for Level {
    fn to_text(&self) -> Cow<'static, str> {
        self.name().into()
    }

    fn from_text(text: &str) -> Result<Level, String> {
        Level::from_name(text).ok_or_else(|| format!("{text:?} is not a level; use yes or if_needed"))
    }
}

/// `2026-03-08`, in the years from 2000 to 2199.
impl AsText for Date {
    fn to_text(&self) -> Cow<'static, str> {
        self.to_string().into()
    }

    fn from_text(text: &str) -> Result<Date, String> {
        let has_form = text.len() == "2026-03-08".len()
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = text.parse::<Date>().ok().filter(|_| has_form);
        match date {
            None => Err(format!("{text:?} is not a date of the calendar; use YYYY-MM-DD")),
            Some(date) if !(2000..2200).contains(&date.year()) => {
                Err(format!("{date} is not in the years from 2000 to 2199"))
            }
            Some(date) => Ok(date),
        }
    }
}

/// RFC 3339 with any offset, written in UTC; in the years from 2000 to 2199.
impl AsText for Timestamp {
    fn to_text(&self) -> Cow<'static, str> {
        self.to_string().into()
    }

    fn from_text(text: &str) -> Result<Timestamp, String> {
        const YEARS: std::ops::Range<i64> = 946_684_800..7_258_118_400;
        match text.parse::<Timestamp>() {
            Err(_) => {
                Err(format!("{text:?} is not an instant; use RFC 3339 with an offset, 2026-03-08T06:00:00Z"))
            }
            Ok(instant) if !YEARS.contains(&instant.as_second()) => {
                Err(format!("{instant} is not in the years from 2000 to 2199"))
            }
            Ok(instant) => Ok(instant),
        }
    }
}

pub(crate) mod as_text {
    //! serde's `with` for [`AsText`].
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::AsText;

    pub(crate) fn serialize<T: AsText, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_text())
    }

    pub(crate) fn deserialize<'de, T: AsText, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        T::from_text(&text).map_err(D::Error::custom)
    }

    pub(crate) mod list {
        //! A list of them.
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        use super::AsText;

        pub(crate) fn serialize<T: AsText, S: Serializer>(
            values: &[T],
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(values.iter().map(AsText::to_text))
        }

        pub(crate) fn deserialize<'de, T: AsText, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Vec<T>, D::Error> {
            let texts = Vec::<String>::deserialize(deserializer)?;
            texts.iter().map(|text| T::from_text(text).map_err(D::Error::custom)).collect()
        }
    }
    pub(crate) mod optional {
        //! One, or `null`.
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

        use super::AsText;

        #[expect(clippy::ref_option, reason = "serde's `with` passes a reference")]
        pub(crate) fn serialize<T: AsText, S: Serializer>(
            value: &Option<T>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            value.as_ref().map(AsText::to_text).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, T: AsText, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<T>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| T::from_text(&text).map_err(D::Error::custom)).transpose()
        }
    }
}
