//! Calendars as files (RFC 5545): when their owner is busy by them. Nothing here knows of clocks, tables or requests.
//!
//! calcard reads single events and lays out their recurrences in local time; from local time to UTC it is jiff, by
//! RFC 5545 §3.3.5: the first of the two in a fold, the offset before the gap in a gap.

mod event;
mod lines;
mod meeting_reply;
#[cfg(test)]
mod meeting_reply_tests;
mod occurrences;
mod partial;
mod recurrence;
mod series;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vendor_tests;
mod zones;

use std::time::{Duration, Instant as Clock};

use jiff::{Span, Timestamp, civil::Date, tz::Offset};
use wire::{CalendarProblem, Range};

use crate::{db::merged, key::Key};
use domain::Zone;
use event::Event;
pub use meeting_reply::{ReadReply, read_reply};
use series::Series;
use zones::FileZones;

/// Most occurrences of one event that are looked at.
const MAX_OCCURRENCES: usize = 50_000;
/// Most occurrences of all events of a file that are looked at.
const MAX_FILE_OCCURRENCES: usize = 500_000;
/// Most events of a file.
const MAX_EVENTS: usize = 50_000;
/// Most busy times of a file.
const MAX_BUSY: usize = 20_000;
/// Most problems that are told.
const MAX_PROBLEMS: usize = 100;
/// Longest time for a file. What is not read by then is told of.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Whose calendar it is, and what is wanted of it.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) key: Key,
    /// The zone of times that name none.
    pub(crate) zone: Zone,
    /// Whether an invitation that the owner has not answered makes them busy.
    pub(crate) unanswered_is_busy: bool,
}

/// When the owner is busy by a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyTimes {
    /// Events of the file.
    pub events: u64,
    /// Sorted, merged.
    pub busy: Vec<Range>,
    /// What could not be read.
    pub problems: Vec<CalendarProblem>,
}

/// The file is no calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("It is no calendar: it does not begin with BEGIN:VCALENDAR")]
pub struct NotACalendar;

/// Reads when somebody who is not stored is busy within a time; `zone` is that of times that name none.
///
/// # Errors
/// When the file is no calendar at all. What cannot be read in one is told of in the result.
pub fn busy_times(file: &[u8], zone: Zone, within: Range) -> Result<BusyTimes, NotACalendar> {
    read(file, &Owner { key: Key::stored(""), zone, unanswered_is_busy: true }, within)
}

/// Reads when the owner is busy within a time.
///
/// # Errors
/// When the file is no calendar at all. What cannot be read in one is told of in the result.
pub(crate) fn read(file: &[u8], owner: &Owner, within: Range) -> Result<BusyTimes, NotACalendar> {
    let text = lines::unfolded(file);
    let parts = lines::parts(&text).ok_or(NotACalendar)?;
    let mut problems = Problems::default();
    let zones = FileZones::new(&parts.zones, parts.zone_name, &owner.zone, &mut problems);
    let started = Clock::now();
    let mut budget = Budget { occurrences: MAX_FILE_OCCURRENCES, is_late: false };
    let events = parts.events.len();
    let (earliest, latest) = days_around(within);
    let mut read = Vec::new();
    for (place, lines) in parts.events.iter().take(MAX_EVENTS).enumerate() {
        budget.is_late |= started.elapsed() > MAX_TIME;
        if budget.is_late {
            problems.note(None, format!("Reading it took too long; the first {place} events were read"));
            break;
        }
        if lines.days().is_some_and(|(first, last)| last < earliest || first > latest) {
            continue;
        }
        match Event::read(&lines.text(), owner, &zones) {
            Ok(event) => read.push(event),
            Err((uid, msg)) => problems.note(uid, msg),
        }
    }
    if events > MAX_EVENTS {
        problems.note(None, format!("It has {events} events; the first {MAX_EVENTS} were read"));
    }
    let mut busy = Vec::new();
    for series in Series::of(read) {
        budget.is_late |= started.elapsed() > MAX_TIME;
        series.busy(&zones, within, &mut budget, &mut problems, &mut busy);
    }
    let mut busy = merged(busy);
    if busy.len() > MAX_BUSY {
        let msg = format!("It has {} busy times; the first {MAX_BUSY} were taken", busy.len());
        problems.note(None, msg);
        busy.truncate(MAX_BUSY);
    }
    Ok(BusyTimes { events: events as u64, busy, problems: problems.told() })
}

/// Days before and behind a time whose events are not in it, whatever the clocks.
fn days_around(within: Range) -> (Date, Date) {
    let day = |at| Offset::UTC.to_datetime(at).date();
    let days = Span::new().days(2);
    (day(within.start).saturating_sub(days), day(within.end).saturating_add(days))
}

/// How much may still be looked at.
#[derive(Debug)]
struct Budget {
    occurrences: usize,
    is_late: bool,
}

/// What could not be read.
#[derive(Debug, Default)]
struct Problems {
    told: Vec<CalendarProblem>,
    more: usize,
}

impl Problems {
    fn note(&mut self, uid: Option<String>, msg: impl Into<String>) {
        if self.told.len() < MAX_PROBLEMS {
            self.told.push(CalendarProblem { uid, msg: msg.into() });
        } else {
            self.more += 1;
        }
    }

    fn told(mut self) -> Vec<CalendarProblem> {
        if self.more > 0 {
            self.told.push(CalendarProblem { uid: None, msg: format!("and {} more problems", self.more) });
        }
        self.told
    }
}

/// The time for which a calendar is read that is imported now: the past month and two years.
pub(crate) fn window(now: Timestamp) -> Range {
    const DAY: i64 = 24 * 60 * 60;
    let at = |days: i64| Timestamp::from_second(now.as_second() + days * DAY).unwrap_or(now);
    Range { start: at(-31), end: at(731) }
}
