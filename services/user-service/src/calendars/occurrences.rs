use calcard::icalendar::ICalendarRecurrenceRule;
use jiff::Timestamp;
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
            Some(rule) => recurring(event, rule, budget, problems),
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

fn recurring(
    event: &Event,
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
    match local_times(event.start.local, rule, most) {
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
