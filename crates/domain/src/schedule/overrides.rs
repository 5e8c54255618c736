use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;

use crate::TimeOfDay;
use crate::time::DAY_MINUTES;

use super::minutes::Minutes;
use super::rules::{end_of, start_of};
use super::{Level, StartsAtEnd};

/// A time of one date on local clocks. An end at or before the start is on the next date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayRange {
    from: TimeOfDay,
    to: TimeOfDay,
    /// How well they suit.
    pub level: Level,
}

impl DayRange {
    /// From a time to the next time that the clock shows `to`.
    ///
    /// # Errors
    /// When it starts at 24:00.
    pub fn new(from: TimeOfDay, to: TimeOfDay, level: Level) -> Result<DayRange, StartsAtEnd> {
        (from < TimeOfDay::END_OF_DAY).then_some(DayRange { from, to, level }).ok_or(StartsAtEnd)
    }

    /// When it starts.
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// When it ends.
    pub fn to(self) -> TimeOfDay {
        self.to
    }

    fn minutes(self) -> Range<u32> {
        let start = u32::from(self.from.minutes());
        start..start + u32::from(self.from.minutes_until(self.to))
    }
}

/// What holds on one local date instead of the weekly rules. What passes midnight is added to whatever holds on the next
/// date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The date.
    pub date: Date,
    /// When the person is free then; never when there are none.
    pub ranges: Vec<DayRange>,
}

impl Override {
    /// The minutes from the date's 00:00 at `yes`; those of the next date follow.
    pub(crate) fn yes(&self) -> Minutes {
        let ranges = self.ranges.iter().filter(|range| range.level == Level::Yes);
        Minutes::union(ranges.map(|range| range.minutes()))
    }

    /// The minutes from the date's 00:00 at `yes` or `if_needed`.
    pub(crate) fn available(&self) -> Minutes {
        Minutes::union(self.ranges.iter().map(|range| range.minutes()))
    }
}

/// One override a date, by date, each with ranges that are sorted and merged and at their better level only.
pub(super) fn normalised(overrides: &[Override]) -> Vec<Override> {
    let mut by_date: BTreeMap<Date, Vec<DayRange>> = BTreeMap::new();
    for given in overrides {
        by_date.entry(given.date).or_default().extend(&given.ranges);
    }
    by_date.into_iter().map(|(date, ranges)| merged(Override { date, ranges })).collect()
}

fn merged(given: Override) -> Override {
    let yes = given.yes();
    let if_needed = given.available().without(&yes);
    let of = |minutes: &Minutes, level| {
        let spans = minutes.ranges().iter().cloned().flat_map(startable);
        let ranges =
            spans.map(move |span| DayRange { from: start_of(span.start), to: end_of(span.end), level });
        ranges.collect::<Vec<_>>()
    };
    let mut ranges = of(&yes, Level::Yes);
    ranges.extend(of(&if_needed, Level::IfNeeded));
    ranges.sort_by_key(|range| range.from);
    Override { date: given.date, ranges }
}

/// The range as parts that can be written from a time of the date to at most a day later. What starts beyond the date is
/// if-needed time that a yes covers up to there, so it may as well start a minute before midnight.
fn startable(span: Range<u32>) -> impl Iterator<Item = Range<u32>> {
    let last_minute = DAY_MINUTES - 1;
    let cut = span.start > last_minute || span.len() > DAY_MINUTES as usize;
    let parts = if cut { [span.start..last_minute, last_minute..span.end] } else { [span, 0..0] };
    parts.into_iter().filter(|part| !part.is_empty())
}
