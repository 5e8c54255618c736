use std::ops::Range;

use crate::time::DAY_MINUTES;
use crate::{TimeOfDay, Weekday};

use super::Level;
use super::minutes::Minutes;

const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// A time of every week on local clocks. An end at or before the start is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    day: Weekday,
    from: TimeOfDay,
    to: TimeOfDay,
}

/// A day's end was given as a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing starts at 24:00; use 00:00 of the next day")]
pub struct StartsAtEnd;

impl Hours {
    /// From a time on a day to the next time that the clock shows `to`.
    ///
    /// # Errors
    /// When it starts at 24:00.
    pub fn new(day: Weekday, from: TimeOfDay, to: TimeOfDay) -> Result<Hours, StartsAtEnd> {
        (from < TimeOfDay::END_OF_DAY).then_some(Hours { day, from, to }).ok_or(StartsAtEnd)
    }

    /// The day on which it starts.
    pub fn day(self) -> Weekday {
        self.day
    }

    /// When it starts.
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// When it ends.
    pub fn to(self) -> TimeOfDay {
        self.to
    }

    /// As a rule at this level.
    pub fn at(self, level: Level) -> Rule {
        Rule { hours: self, level }
    }

    /// The minutes of the week; what passes its end is at its start.
    fn minutes(self) -> [Range<u32>; 2] {
        let start = self.day as u32 * DAY_MINUTES + u32::from(self.from.minutes());
        let end = start + u32::from(self.from.minutes_until(self.to));
        [start..end.min(WEEK_MINUTES), 0..end.saturating_sub(WEEK_MINUTES)]
    }
}

/// Hours at which a person is free every week, and how well they suit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// When.
    pub hours: Hours,
    /// How well they suit.
    pub level: Level,
}

/// What holds every week, in one form: rules of the same level neither overlap nor touch unless they would be longer than
/// a day, an hour is at its better level only, and they are sorted from Monday 00:00.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weekly {
    rules: Vec<Rule>,
}

impl Weekly {
    /// What these rules say together.
    pub fn new(rules: &[Rule]) -> Weekly {
        let given = Weekly { rules: rules.to_vec() };
        let yes = given.yes();
        let if_needed = given.available().without(&yes);
        let of = |minutes: &Minutes, level| {
            let spans = spans(minutes);
            spans.into_iter().map(move |span| hours(span).at(level)).collect::<Vec<_>>()
        };
        let mut rules = of(&yes, Level::Yes);
        rules.extend(of(&if_needed, Level::IfNeeded));
        rules.sort_by_key(|rule| (rule.hours.day, rule.hours.from));
        Weekly { rules }
    }

    /// Monday to Friday from 09:00 to 17:00: the working hours of whoever has not said theirs.
    pub fn office_hours() -> Weekly {
        let times = TimeOfDay::from_minutes(9 * 60).zip(TimeOfDay::from_minutes(17 * 60));
        let days = Weekday::ALL[..5].iter();
        let rules = days.filter_map(|&day| times.map(|(from, to)| Hours { day, from, to }.at(Level::Yes)));
        Weekly { rules: rules.collect() }
    }

    /// The rules, sorted.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The minutes of the week at `yes`.
    pub(crate) fn yes(&self) -> Minutes {
        let rules = self.rules.iter().filter(|rule| rule.level == Level::Yes);
        Minutes::union(rules.flat_map(|rule| rule.hours.minutes()))
    }

    /// The minutes of the week at `yes` or `if_needed`.
    pub(crate) fn available(&self) -> Minutes {
        Minutes::union(self.rules.iter().flat_map(|rule| rule.hours.minutes()))
    }
}

/// The minutes as ranges of at most a day, each starting within the week: what touches across the week's end is one, and
/// what is longer than a day is cut at midnights.
fn spans(minutes: &Minutes) -> Vec<Range<u32>> {
    let mut runs = minutes.ranges().to_vec();
    if let [first, .., last] = &runs[..] {
        let joined = last.start..WEEK_MINUTES + first.end;
        if first.start == 0 && last.end == WEEK_MINUTES && joined.len() <= DAY_MINUTES as usize {
            runs.remove(0);
            runs.pop();
            runs.push(joined);
        }
    }
    let cut = |run: Range<u32>| {
        if run.len() <= DAY_MINUTES as usize {
            return vec![run];
        }
        let midnights =
            (run.start / DAY_MINUTES + 1..run.end.div_ceil(DAY_MINUTES)).map(|day| day * DAY_MINUTES);
        let ends: Vec<u32> = midnights.chain([run.end]).collect();
        let starts = [run.start].into_iter().chain(ends.iter().copied());
        starts.zip(ends.iter()).map(|(start, &end)| start..end).collect()
    };
    runs.into_iter().flat_map(cut).collect()
}

fn hours(span: Range<u32>) -> Hours {
    Hours {
        day: Weekday::ALL[(span.start / DAY_MINUTES) as usize % 7],
        from: start_of(span.start),
        to: end_of(span.end),
    }
}

/// The time on the clock at which something starts: 00:00 to 23:59.
pub(super) fn start_of(minute: u32) -> TimeOfDay {
    TimeOfDay::from_minutes((minute % DAY_MINUTES) as u16).unwrap_or(TimeOfDay::MIDNIGHT)
}

/// The time on the clock at which something ends: 00:01 to 24:00.
pub(super) fn end_of(minute: u32) -> TimeOfDay {
    match start_of(minute) {
        TimeOfDay::MIDNIGHT => TimeOfDay::END_OF_DAY,
        other => other,
    }
}
