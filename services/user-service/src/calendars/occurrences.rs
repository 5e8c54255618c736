use calcard::icalendar::{ICalendarFrequency, ICalendarRecurrenceRule};
use jiff::{Span, Timestamp, Unit, civil::DateTime};
use wire::Range;

use super::{
    Budget, MAX_OCCURRENCES, Problems,
    event::Event,
    partial::Written,
    recurrence::local_times,
    zones::{FileZones, utc},
};

/// The occurrences of an event that touch a time, each with its end.
pub(super) fn occurrences(
    event: &Event,
    zones: &FileZones,
    within: Range,
    budget: &mut Budget,
    problems: &mut Problems,
) -> Vec<(Timestamp, Timestamp)> {
    let mut starts = match &event.rule {
        None => zones.instant(event.start, &event.zone).into_iter().collect(),
        Some(rule) => match until(rule, event, within) {
            Some(rule) => {
                let first = first(&rule, event, within);
                recurring(event, first, rule, budget, problems)
            }
            None => Vec::new(),
        },
    };
    starts.retain(|start| !is_excluded(event, *start));
    let mut more = event.more.clone();
    more.retain(|(start, _)| !is_excluded(event, *start));
    let own = starts.into_iter().map(|start| (start, None));
    let ends = own.chain(more).filter_map(|(start, end)| {
        let end = end.or_else(|| event.length.end(start, &event.zone))?;
        (start < within.end && end > within.start).then_some((start, end))
    });
    let mut occurrences: Vec<_> = ends.collect();
    occurrences.sort_unstable();
    occurrences.dedup();
    occurrences
}

/// The rule up to the end of what is wanted: most rules have no end of their own, and would be laid out for centuries.
/// `None` where it begins later.
fn until(rule: &ICalendarRecurrenceRule, event: &Event, within: Range) -> Option<ICalendarRecurrenceRule> {
    let mut rule = rule.clone();
    // Within a day from there local times of every zone are past it.
    let end = event.zone.to_datetime(within.end).saturating_add(jiff::Span::new().days(1));
    let own = rule.until.as_ref().and_then(Written::read).map(|until| until.local);
    rule.until = Some(Written::floating(own.map_or(end, |own| own.min(end))));
    (event.start.local <= end).then_some(rule)
}

/// From where on a rule is laid out: its start, or for what began long ago a later day at the same place in the rule's periods.
/// That day may be none of the rule's, and so it and its event are before what is wanted.
fn first(rule: &ICalendarRecurrenceRule, event: &Event, within: Range) -> DateTime {
    let start = event.start.local;
    let of_period = match rule.freq {
        ICalendarFrequency::Daily => 1,
        ICalendarFrequency::Weekly => 7,
        _ => return start,
    };
    if rule.count.is_some() {
        return start;
    }
    let period = of_period * i64::from(rule.interval.unwrap_or(1).max(1));
    let wanted = event.zone.to_datetime(within.start).date();
    let end = rule.until.as_ref().and_then(Written::read).map(|until| until.local.date());
    // Nothing is laid out from behind a rule's end.
    let latest = end.map_or(wanted, |end| end.min(wanted));
    let Ok(since) = latest.since((Unit::Day, start.date())) else { return start };
    // Local times of every zone are within a day.
    let unwanted = i64::from(since.get_days()).saturating_sub(event.length.days()).saturating_sub(2);
    let skipped = (unwanted / period - 1).max(0) * period;
    Span::new().try_days(skipped).ok().and_then(|days| start.checked_add(days).ok()).unwrap_or(start)
}

fn recurring(
    event: &Event,
    first: DateTime,
    rule: ICalendarRecurrenceRule,
    budget: &mut Budget,
    problems: &mut Problems,
) -> Vec<Timestamp> {
    let most = MAX_OCCURRENCES.min(budget.occurrences);
    if most == 0 || budget.is_late {
        problems
            .note(event.uid.clone(), "It recurs, and was not read: the calendar has too many occurrences");
        return Vec::new();
    }
    match local_times(first, rule, most) {
        Err(msg) => {
            problems.note(event.uid.clone(), msg);
            Vec::new()
        }
        Ok((times, is_cut)) => {
            budget.occurrences -= times.len().min(budget.occurrences);
            if is_cut {
                let last = times.last().map(ToString::to_string).unwrap_or_default();
                problems.note(event.uid.clone(), format!("It recurs too often; it was read up to {last}"));
            }
            times.into_iter().filter_map(|local| utc(local, &event.zone)).collect()
        }
    }
}

fn is_excluded(event: &Event, start: Timestamp) -> bool {
    let day = || event.zone.to_datetime(start).date();
    event.excluded.contains(&start)
        || (!event.excluded_days.is_empty() && event.excluded_days.contains(&day()))
}
