use std::fmt;

/// A time on the clock, in whole minutes from 00:00 to 24:00, the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

/// What was given for a time is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time of day; use HH:MM from 00:00 to 24:00")]
pub struct BadTime(pub String);

impl TimeOfDay {
    /// 00:00.
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0);
    /// 24:00; only an end can be there.
    pub const END_OF_DAY: TimeOfDay = TimeOfDay(super::DAY_MINUTES as u16);

    /// The time so many minutes after midnight, 0–1440.
    pub fn from_minutes(minutes: u16) -> Option<TimeOfDay> {
        (minutes <= Self::END_OF_DAY.0).then_some(TimeOfDay(minutes))
    }

    /// Reads `HH:MM`: two digits each, 00:00 to 23:59, and 24:00.
    ///
    /// # Errors
    /// Anything else, with what was given.
    pub fn parse(text: &str) -> Result<TimeOfDay, BadTime> {
        let two_digits = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            if digits { text.parse::<u16>().ok() } else { None }
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
            .filter(|&(_, minute)| minute < 60)
            .and_then(|(hour, minute)| Self::from_minutes(hour * 60 + minute))
            .ok_or_else(|| BadTime(text.to_owned()))
    }

    /// Minutes after midnight, 0–1440.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// How long it is from here to `to`, in minutes, 1–1440: a `to` at or before this is on the next day.
    pub(crate) fn minutes_until(self, to: TimeOfDay) -> u16 {
        if to > self { to.0 - self.0 } else { to.0 + Self::END_OF_DAY.0 - self.0 }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
