use domain::{Level, StartsAtEnd, TimeOfDay, Weekday};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    input::as_text,
    schema::{ClockTime, DateText, DayName, InstantText, LevelName},
};

/// A time of every week on local clocks, and how gladly. A `to` at or before `from` is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// When.
    #[serde(flatten)]
    pub hours: Hours,
    /// How gladly.
    #[serde(with = "as_text")]
    #[schema(value_type = LevelName)]
    pub level: Level,
}

/// A time of every week on local clocks. A `to` at or before `from` is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hours {
    /// The day on which it starts.
    #[serde(with = "as_text")]
    #[schema(value_type = DayName)]
    pub day: Weekday,
    /// When it starts.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub from: TimeOfDay,
    /// When it ends.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub to: TimeOfDay,
}

/// What holds on one local date instead of the weekly rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Override {
    /// The date.
    #[serde(with = "as_text")]
    #[schema(value_type = DateText)]
    pub date: Date,
    /// When the person is free then; empty for never.
    pub ranges: Vec<DayRange>,
}

/// A time of one date on local clocks. A `to` at or before `from` is on the next date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayRange {
    /// When it starts.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub from: TimeOfDay,
    /// When it ends.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub to: TimeOfDay,
    /// How gladly.
    #[serde(with = "as_text")]
    #[schema(value_type = LevelName)]
    pub level: Level,
}

/// From one instant to another, which is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Range {
    /// The start.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub start: Timestamp,
    /// The end.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub end: Timestamp,
}

/// A range at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelRange {
    /// When.
    #[serde(flatten)]
    pub range: Range,
    /// How gladly.
    #[serde(with = "as_text")]
    #[schema(value_type = LevelName)]
    pub level: Level,
}

impl From<domain::Hours> for Hours {
    fn from(hours: domain::Hours) -> Hours {
        Hours { day: hours.day(), from: hours.from(), to: hours.to() }
    }
}

impl TryFrom<Hours> for domain::Hours {
    type Error = StartsAtEnd;

    fn try_from(hours: Hours) -> Result<domain::Hours, StartsAtEnd> {
        domain::Hours::new(hours.day, hours.from, hours.to)
    }
}

impl From<domain::Rule> for Rule {
    fn from(rule: domain::Rule) -> Rule {
        Rule { hours: rule.hours.into(), level: rule.level }
    }
}

impl TryFrom<Rule> for domain::Rule {
    type Error = StartsAtEnd;

    fn try_from(rule: Rule) -> Result<domain::Rule, StartsAtEnd> {
        Ok(domain::Hours::try_from(rule.hours)?.at(rule.level))
    }
}

impl From<&domain::Override> for Override {
    fn from(given: &domain::Override) -> Override {
        let range =
            |range: &domain::DayRange| DayRange { from: range.from(), to: range.to(), level: range.level };
        Override { date: given.date, ranges: given.ranges.iter().map(range).collect() }
    }
}

impl TryFrom<&Override> for domain::Override {
    type Error = StartsAtEnd;

    fn try_from(given: &Override) -> Result<domain::Override, StartsAtEnd> {
        let ranges =
            given.ranges.iter().map(|range| domain::DayRange::new(range.from, range.to, range.level));
        Ok(domain::Override { date: given.date, ranges: ranges.collect::<Result<_, _>>()? })
    }
}

impl From<domain::LevelRange> for LevelRange {
    fn from(given: domain::LevelRange) -> LevelRange {
        LevelRange { range: Range { start: given.start, end: given.end }, level: given.level }
    }
}

impl From<LevelRange> for domain::LevelRange {
    fn from(given: LevelRange) -> domain::LevelRange {
        domain::LevelRange { start: given.range.start, end: given.range.end, level: given.level }
    }
}
