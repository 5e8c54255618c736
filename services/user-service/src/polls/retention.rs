//! For how long polls are kept.

use std::time::Duration;

use jiff::Timestamp as Instant;
use wire::{PollDays, PollLayout, Range, Timestamp};

use super::layout_of;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many days the installation keeps a poll after the last instant that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PollRetention {
    days: u32,
}

impl PollRetention {
    /// So many days; 0 for any time.
    pub(crate) fn days(days: u32) -> PollRetention {
        PollRetention { days }
    }

    /// The number of days; nothing where there is no end.
    pub(crate) fn limit(self) -> Option<u32> {
        (self.days > 0).then_some(self.days)
    }

    /// Polls whose last instant is not after this one have ended by `now`, however long their organisers want them kept.
    pub(crate) fn ended_before(self, now: Timestamp) -> Option<Timestamp> {
        self.limit().map(|days| now.minus(DAY * days))
    }
}

/// The last instant that a poll is about: the end of its last date, and of its meeting. Where these have passed when somebody
/// changes it, and for a poll over days of the week, which has no last one, it is the instant of the change.
pub(crate) fn last_instant(layout: &PollLayout, meeting: Option<Range>, changed: Timestamp) -> Timestamp {
    let ends = [last_of_dates(layout), meeting.map(|meeting| meeting.end)];
    let ends = ends.into_iter().flatten().filter_map(|end| Timestamp::from_micros(end.as_microsecond()));
    ends.fold(changed, Timestamp::max)
}

fn last_of_dates(layout: &PollLayout) -> Option<Instant> {
    match layout.days {
        PollDays::Dates { .. } => layout_of(layout).ok().map(|layout| layout.range().end()),
        PollDays::Weekly { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use wire::NewPoll;

    use super::*;

    fn layout(days: &str) -> PollLayout {
        let body = format!(
            r#"{{"title": "Planning", {days}, "time_zone": "Europe/Berlin", "from": "22:00", "to": "02:00",
                "granularity_minutes": 60, "duration_minutes": 60}}"#
        );
        NewPoll::parse(body.as_bytes()).unwrap().layout
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn last(days: &str, meeting: Option<Range>, changed: &str) -> String {
        let changed = Timestamp::from_micros(at(changed).as_microsecond()).unwrap();
        last_instant(&layout(days), meeting, changed).to_string()
    }

    const DATES: &str = r#""kind": "dates", "dates": ["2026-03-09", "2026-03-06"]"#;
    const WEEKLY: &str = r#""kind": "weekly", "days": ["monday"]"#;

    #[test]
    fn a_poll_over_dates_is_about_the_end_of_the_last_one() {
        assert_eq!(last(DATES, None, "2026-03-01T12:00:00Z"), "2026-03-10T01:00:00.000000Z");
    }

    #[test]
    fn where_the_dates_have_passed_the_change_counts() {
        assert_eq!(last(DATES, None, "2026-05-01T12:00:00Z"), "2026-05-01T12:00:00.000000Z");
    }

    #[test]
    fn a_weekly_poll_is_about_its_last_change_or_its_meeting() {
        let meeting = Range { start: at("2026-06-01T20:00:00Z"), end: at("2026-06-01T21:00:00Z") };
        assert_eq!(last(WEEKLY, None, "2026-05-01T12:00:00Z"), "2026-05-01T12:00:00.000000Z");
        assert_eq!(last(WEEKLY, Some(meeting), "2026-05-01T12:00:00Z"), "2026-06-01T21:00:00.000000Z");
        assert_eq!(last(WEEKLY, Some(meeting), "2026-07-01T12:00:00Z"), "2026-07-01T12:00:00.000000Z");
    }

    #[test]
    fn no_days_are_for_any_time() {
        let now = Timestamp::from_micros(at("2026-05-01T12:00:00Z").as_microsecond()).unwrap();
        assert_eq!(PollRetention::days(0).ended_before(now), None);
        let before = PollRetention::days(90).ended_before(now).unwrap();
        assert_eq!(before.to_string(), "2026-01-31T12:00:00.000000Z");
    }
}
