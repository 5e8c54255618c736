//! What a poll's answer is by a person's schedule, and where an earlier one differs from that.

use domain::{Answer, Layout, LayoutError, SlotSet, StartsAtEnd, busy_slots};
use wire::{Conflicts, Hours, PollDays, PollLayout, Range, Schedule, WeeklyAnswer};

use super::{StoredTimes, layout_of};
use crate::schedules::levels;

/// What was stored cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("a poll has no layout")]
    Layout(#[from] LayoutError),
    #[error("a schedule has a rule that starts at the end of a day")]
    Schedule(#[from] StartsAtEnd),
}

/// The answer of somebody with this schedule, who is busy then: over dates by all of it, weekly by the weekly rules alone.
///
/// # Errors
/// None for what was stored.
pub(crate) fn times_by_schedule(
    poll: &PollLayout,
    schedule: &Schedule,
    busy: &[Range],
) -> Result<StoredTimes, Unreadable> {
    if let PollDays::Weekly { .. } = poll.days {
        let Schedule { time_zone, weekly, .. } = schedule.clone();
        return Ok(StoredTimes::of_rules(&WeeklyAnswer { time_zone, weekly }));
    }
    let layout = layout_of(poll)?;
    let levels = levels(schedule, busy, layout.range())?;
    Ok(StoredTimes::of_answer(&Answer::of_levels(&layout, levels), &layout))
}

/// When an answer says that its author can come, and by their schedule now ([`times_by_schedule`]) they cannot.
///
/// # Errors
/// None for what was stored.
pub(crate) fn conflicts(
    poll: &PollLayout,
    answer: &StoredTimes,
    now: &StoredTimes,
) -> Result<Option<Conflicts>, Unreadable> {
    let layout = layout_of(poll)?;
    let slots = answer.over(&layout).zip(now.over(&layout));
    Ok(slots.and_then(|(answer, now)| of_slots(poll, &layout, &answer.conflicts(&now.levels))))
}

/// What is left of conflicts when a poll over dates asks about other times, in which the answer is this.
pub(crate) fn carried(
    poll: &PollLayout,
    to: &Layout,
    answer: &Answer,
    known: &Conflicts,
) -> Option<Conflicts> {
    let ranges = known.ranges.iter().flatten().map(|range| (range.start, range.end));
    let mut slots = busy_slots(to.range(), ranges);
    slots.intersect(&answer.asked);
    slots.intersect(answer.levels.available());
    of_slots(poll, to, &slots)
}

fn of_slots(poll: &PollLayout, layout: &Layout, slots: &SlotSet) -> Option<Conflicts> {
    if slots.is_empty() {
        return None;
    }
    let range = layout.range();
    Some(match poll.days {
        PollDays::Weekly { .. } => {
            let hours = poll.time_zone.weekly_hours(range, slots);
            Conflicts::every_week(hours.into_iter().map(Hours::from).collect())
        }
        PollDays::Dates { .. } => {
            let runs = slots.runs().into_iter();
            let times =
                runs.map(|run| Range { start: range.instant(run.start), end: range.instant(run.end) });
            Conflicts::at(times.collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wire::NewPoll;

    use super::*;

    fn layout(members: Value) -> PollLayout {
        let mut body = json!({"title": "Planning", "time_zone": "Europe/Berlin", "from": "09:00", "to": "12:00",
            "granularity_minutes": 30, "duration_minutes": 60});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        NewPoll::parse(body.to_string().as_bytes()).unwrap().layout
    }

    fn dates(dates: &[&str]) -> PollLayout {
        layout(json!({"kind": "dates", "dates": dates}))
    }

    /// Free from nine to this time on Mondays and Fridays.
    fn until(zone: &str, to: &str) -> Schedule {
        let rule = |day: &str| json!({"day": day, "from": "09:00", "to": to, "level": "if_needed"});
        let body = json!({"time_zone": zone, "weekly": [rule("monday"), rule("friday")]});
        wire::parse_schedule(body.to_string().as_bytes()).unwrap()
    }

    fn range(start: &str, end: &str) -> Range {
        Range { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn what_a_busy_time_touches_is_in_conflict_and_nothing_else() {
        let poll = dates(&["2026-03-06", "2026-03-07", "2026-03-09"]);
        let schedule = until("Europe/Berlin", "11:00");
        let now = |schedule: &Schedule, busy: &[Range]| times_by_schedule(&poll, schedule, busy).unwrap();
        let answer = now(&schedule, &[]);
        let found = |now: &StoredTimes| conflicts(&poll, &answer, now).unwrap();
        assert_eq!(found(&answer), None);
        assert_eq!(found(&now(&until("Europe/Berlin", "12:00"), &[])), None, "more time is none");
        // From 10:05 in Berlin, past what was answered; and at a time that was never free.
        let busy = [
            range("2026-03-06T09:05:00Z", "2026-03-06T18:00:00Z"),
            range("2026-03-07T08:00:00Z", "2026-03-07T11:00:00Z"),
        ];
        let expected = Conflicts::at(vec![range("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z")]);
        assert_eq!(found(&now(&schedule, &busy)), Some(expected));
        let earlier = Conflicts::at(vec![
            range("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z"),
            range("2026-03-09T09:00:00Z", "2026-03-09T10:00:00Z"),
        ]);
        assert_eq!(found(&now(&until("Europe/Berlin", "10:00"), &[])), Some(earlier));
    }

    #[test]
    fn of_a_weekly_poll_it_is_told_on_the_clocks_of_the_poll() {
        let poll = layout(json!({"kind": "weekly", "days": ["monday", "tuesday"]}));
        let now = |zone: &str, to: &str| times_by_schedule(&poll, &until(zone, to), &[]).unwrap();
        let answer = now("Europe/Berlin", "12:00");
        let found = |zone: &str, to: &str| {
            conflicts(&poll, &answer, &now(zone, to)).unwrap().map(|found| json!(found.weekly))
        };
        assert_eq!(found("Europe/Berlin", "12:00"), None);
        let at = |from: &str, to: &str| Some(json!([{"day": "monday", "from": from, "to": to}]));
        assert_eq!(found("Europe/Berlin", "10:30"), at("10:30", "12:00"));
        // Nine o'clock in London is ten o'clock in Berlin.
        assert_eq!(found("Europe/London", "12:00"), at("09:00", "10:00"));
    }

    #[test]
    fn conflicts_go_with_the_times_that_a_poll_no_longer_asks_about() {
        let poll = dates(&["2026-03-06", "2026-03-09"]);
        let answer = times_by_schedule(&poll, &until("Europe/Berlin", "12:00"), &[]).unwrap();
        let now = times_by_schedule(&poll, &until("Europe/Berlin", "11:00"), &[]).unwrap();
        let known = conflicts(&poll, &answer, &now).unwrap().unwrap();
        let from = layout_of(&poll).unwrap();
        for (days, left) in [(["2026-03-09", "2026-03-10"], true), (["2026-03-10", "2026-03-13"], false)] {
            let changed = dates(&days);
            let to = layout_of(&changed).unwrap();
            let answer = answer.answer(&from).unwrap().carried(&from, &to);
            let monday = Conflicts::at(vec![range("2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z")]);
            assert_eq!(carried(&changed, &to, &answer, &known), left.then_some(monday));
        }
    }
}
