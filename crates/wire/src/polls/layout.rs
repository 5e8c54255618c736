use domain::{Granularity, PollTimes, PollTimesFault, TimeOfDay, Weekday, Zone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    input::as_text,
    schema::{ClockTime, DateText, DayName, ZoneName},
};

/// The times that a poll asks about, on the clocks of its organiser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PollLayout {
    /// The days.
    #[serde(flatten)]
    #[schema(value_type = PollDaysSchema)]
    pub days: PollDays,
    /// The organiser's zone, in which `from` and `to` are meant.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// When each day starts.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub from: TimeOfDay,
    /// When each day ends; at or before `from` is on the next day.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub to: TimeOfDay,
    /// Minutes of a cell: 15, 30 or 60.
    pub granularity_minutes: u32,
    /// How long the meeting is, in minutes.
    pub duration_minutes: u32,
}

/// The days of a poll, sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PollDays {
    /// Dates.
    Dates {
        /// At most 84, within 12 weeks.
        #[serde(with = "as_text::list")]
        dates: Vec<Date>,
    },
    /// Days of every week.
    Weekly {
        /// The weekdays.
        #[serde(with = "as_text::list")]
        days: Vec<Weekday>,
    },
}

/// The days of a poll, sorted, each once. One object: generators of clients cannot put a choice of objects into another.
#[derive(ToSchema)]
#[schema(as = PollDays)]
#[expect(dead_code, reason = "it only describes a part of replies")]
struct PollDaysSchema {
    /// `dates` or `weekly`.
    #[schema(pattern = "^(dates|weekly)$", example = "dates")]
    kind: String,
    /// Of `dates`: at most 84, within 12 weeks.
    #[schema(value_type = Option<Vec<DateText>>, nullable = false)]
    dates: Option<Vec<String>>,
    /// Of `weekly`: days of every week.
    #[schema(value_type = Option<Vec<DayName>>, nullable = false)]
    days: Option<Vec<String>>,
}

impl PollDays {
    /// `dates` or `weekly`.
    pub fn kind(&self) -> &'static str {
        match self {
            PollDays::Dates { .. } => "dates",
            PollDays::Weekly { .. } => "weekly",
        }
    }
}

impl PollLayout {
    /// Most dates of a poll.
    pub const MAX_DATES: usize = 84;
    /// Longest meeting, in minutes.
    pub const MAX_DURATION: u32 = 7 * 24 * 60;

    /// As the domain lays it out.
    ///
    /// # Errors
    /// Every fault.
    pub fn times(&self) -> Result<PollTimes, Vec<PollTimesFault>> {
        let days = match &self.days {
            PollDays::Dates { dates } => domain::PollDays::Dates(dates.clone()),
            PollDays::Weekly { days } => domain::PollDays::Weekly(days.clone()),
        };
        let granularity = Granularity::from_minutes(self.granularity_minutes).unwrap_or(Granularity::Quarter);
        PollTimes::new(days, self.time_zone.clone(), self.from, self.to, granularity)
    }
}
