use jiff::ToSpan;
use jiff::civil::Date;

use crate::{TimeOfDay, Weekday, Zone};

/// The days that a poll asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollDays {
    /// Dates, sorted, each once.
    Dates(Vec<Date>),
    /// Days of every week, sorted, each once.
    Weekly(Vec<Weekday>),
}

/// How long a cell of a poll is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granularity {
    /// 15 minutes, a slot.
    Quarter,
    /// 30 minutes.
    Half,
    /// 60 minutes.
    Hour,
}

impl Granularity {
    /// The granularity of so many minutes: 15, 30 or 60.
    pub fn from_minutes(minutes: u32) -> Option<Granularity> {
        [Granularity::Quarter, Granularity::Half, Granularity::Hour]
            .into_iter()
            .find(|own| own.minutes() == minutes)
    }

    /// In minutes.
    pub fn minutes(self) -> u32 {
        match self {
            Granularity::Quarter => 15,
            Granularity::Half => 30,
            Granularity::Hour => 60,
        }
    }
}

/// The times that a poll asks about, on the clocks of its organiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollTimes {
    days: PollDays,
    zone: Zone,
    from: TimeOfDay,
    to: TimeOfDay,
    granularity: Granularity,
}

/// What is wrong with the times of a poll, and in which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PollTimesFault {
    /// `dates` or `days` is empty.
    #[error("a poll needs at least one day")]
    NoDays,
    /// `from` is 24:00.
    #[error("nothing starts at 24:00; use 00:00 of the next day")]
    StartsAtEnd,
    /// `from` is not on a quarter of an hour.
    #[error("{0} is not on a quarter of an hour")]
    FromOffGrid(TimeOfDay),
    /// From `from` to `to` there is no whole number of cells.
    #[error("from {from} to {to} is not a multiple of {minutes} minutes")]
    NotWholeCells {
        /// The start.
        from: TimeOfDay,
        /// The end.
        to: TimeOfDay,
        /// Minutes of a cell.
        minutes: u32,
    },
}

impl PollTimesFault {
    /// The field that is at fault; `days` stands for `dates` too.
    pub fn field(self) -> &'static str {
        match self {
            PollTimesFault::NoDays => "days",
            PollTimesFault::StartsAtEnd | PollTimesFault::FromOffGrid(_) => "from",
            PollTimesFault::NotWholeCells { .. } => "to",
        }
    }
}

impl PollTimes {
    /// These days, from one time to another on the organiser's clocks; a `to` at or before `from` is on the next day.
    /// Days are sorted, and doubles left out.
    ///
    /// # Errors
    /// Every fault.
    pub fn new(
        days: PollDays,
        zone: Zone,
        from: TimeOfDay,
        to: TimeOfDay,
        granularity: Granularity,
    ) -> Result<PollTimes, Vec<PollTimesFault>> {
        let days = sorted(days);
        let mut faults = Vec::new();
        let empty = match &days {
            PollDays::Dates(dates) => dates.is_empty(),
            PollDays::Weekly(days) => days.is_empty(),
        };
        if empty {
            faults.push(PollTimesFault::NoDays);
        }
        if from == TimeOfDay::END_OF_DAY {
            faults.push(PollTimesFault::StartsAtEnd);
        } else if u32::from(from.minutes()) % Granularity::Quarter.minutes() != 0 {
            faults.push(PollTimesFault::FromOffGrid(from));
        } else if u32::from(from.minutes_until(to)) % granularity.minutes() != 0 {
            faults.push(PollTimesFault::NotWholeCells { from, to, minutes: granularity.minutes() });
        }
        if faults.is_empty() { Ok(PollTimes { days, zone, from, to, granularity }) } else { Err(faults) }
    }

    /// Its days.
    pub fn days(&self) -> &PollDays {
        &self.days
    }

    /// The organiser's zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// When each day starts.
    pub fn from(&self) -> TimeOfDay {
        self.from
    }

    /// When each day ends.
    pub fn to(&self) -> TimeOfDay {
        self.to
    }

    /// How long a cell is.
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// Minutes of a day that are asked about, 15–1440.
    pub fn day_minutes(&self) -> u32 {
        u32::from(self.from.minutes_until(self.to))
    }

    /// The dates of the poll, sorted: its own, or those of its weekdays in so many weeks from a Monday on. Dates that no
    /// calendar has are left out.
    pub fn dates(&self, monday: Date, weeks: u32) -> Vec<Date> {
        match &self.days {
            PollDays::Dates(dates) => dates.clone(),
            PollDays::Weekly(days) => (0..i64::from(weeks))
                .flat_map(|week| days.iter().map(move |&day| (week * 7 + day as i64).days()))
                .filter_map(|days| monday.checked_add(days).ok())
                .collect(),
        }
    }
}

fn sorted(days: PollDays) -> PollDays {
    match days {
        PollDays::Dates(mut dates) => {
            dates.sort_unstable();
            dates.dedup();
            PollDays::Dates(dates)
        }
        PollDays::Weekly(mut days) => {
            days.sort_unstable();
            days.dedup();
            PollDays::Weekly(days)
        }
    }
}
