use calcard::common::PartialDateTime;
use jiff::civil::{Date, DateTime, Time};

/// A date, or a time of a date, as a file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Midnight of a date without a time.
    pub(super) local: DateTime,
    pub(super) has_time: bool,
    /// Seconds of the offset from UTC, which stands for itself: `Z`.
    pub(super) offset: Option<i32>,
}

impl Written {
    /// `None` for what no calendar has, such as the 30th of February.
    pub(super) fn read(partial: &PartialDateTime) -> Option<Written> {
        let year = i16::try_from(partial.year?).ok()?;
        let small = |number: u8| i8::try_from(number).ok();
        let date = Date::new(year, small(partial.month?)?, small(partial.day?)?).ok()?;
        let time = match partial.hour {
            None => Time::midnight(),
            Some(hour) => {
                let (minute, second) =
                    (partial.minute.unwrap_or_default(), partial.second.unwrap_or_default());
                // A leap second is the second before it.
                Time::new(small(hour)?, small(minute)?, small(second.min(59))?, 0).ok()?
            }
        };
        let offset = partial.tz_hour.map(|hours| {
            let minutes = i32::from(hours) * 60 + i32::from(partial.tz_minute.unwrap_or_default());
            if partial.tz_minus { -minutes * 60 } else { minutes * 60 }
        });
        Some(Written { local: date.to_datetime(time), has_time: partial.hour.is_some(), offset })
    }

    /// As calcard has a local time.
    pub(super) fn floating(local: DateTime) -> PartialDateTime {
        let small = |number: i8| u8::try_from(number).ok();
        PartialDateTime {
            year: u16::try_from(local.year()).ok(),
            month: small(local.month()),
            day: small(local.day()),
            hour: small(local.hour()),
            minute: small(local.minute()),
            second: small(local.second()),
            ..PartialDateTime::default()
        }
    }
}
