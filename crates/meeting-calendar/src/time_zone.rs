use domain::Zone;
use jiff::{
    SignedDuration, Timestamp,
    civil::{DateTime, Weekday},
    tz::Offset,
};

use crate::content_lines::ContentLines;

/// Over so many years a day of the month meets every day of the week, leap years included.
const CALENDAR_CYCLE: i16 = 28;
/// For how many years the changes of clocks are written one by one, where no rule tells them.
const YEARS_ONE_BY_ONE: i64 = 10;
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A change of a zone's clocks.
#[derive(Clone, Debug)]
struct Change {
    /// What the clocks that are changed show then.
    local: DateTime,
    before: Offset,
    after: Offset,
    name: String,
}

/// The n-th of a day of the week in a month, or the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct YearlyRule {
    month: i8,
    day: Weekday,
    /// 1 to 4 from the start of the month, -1 for the last.
    nth: i8,
}

/// The zone's rules from an instant on: as rules of every year where the zone has such, else change by change.
pub(crate) fn write(lines: &mut ContentLines, zone: &Zone, first: Timestamp) {
    lines.line("BEGIN", "VTIMEZONE");
    lines.line("TZID", zone.name());
    match yearly(zone, first) {
        Some(rules) => {
            for (change, rule) in rules {
                write_change(lines, &change, Some(rule));
            }
        }
        None => {
            for change in one_by_one(zone, first) {
                write_change(lines, &change, None);
            }
        }
    }
    lines.line("END", "VTIMEZONE");
}

fn write_change(lines: &mut ContentLines, change: &Change, rule: Option<YearlyRule>) {
    let kind = if change.after > change.before { "DAYLIGHT" } else { "STANDARD" };
    lines.line("BEGIN", kind);
    lines.line("DTSTART", &change.local.strftime("%Y%m%dT%H%M%S").to_string());
    lines.line("TZOFFSETFROM", &written(change.before));
    lines.line("TZOFFSETTO", &written(change.after));
    if let Some(YearlyRule { month, day, nth }) = rule {
        lines.line("RRULE", &format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{}", short(day)));
    }
    lines.text("TZNAME", &change.name);
    lines.line("END", kind);
}

/// The two changes of a year with their rules, when the zone keeps to them for as long as days of the week can differ.
fn yearly(zone: &Zone, first: Timestamp) -> Option<Vec<(Change, YearlyRule)>> {
    let from = first.checked_sub(YEAR).ok()?;
    let last_year = zone.local(first).year() + CALENDAR_CYCLE;
    let changes: Vec<Change> =
        changes(zone, from).take_while(|change| change.local.year() <= last_year).collect();
    // What the clocks show at first has to be said by a change before it.
    if changes.first()?.local > zone.local(first) {
        return None;
    }
    let mut rules = Vec::new();
    for half in [0, 1] {
        let of_half: Vec<&Change> = changes.iter().skip(half).step_by(2).collect();
        let is_every_year = of_half.windows(2).all(|pair| pair[1].local.year() == pair[0].local.year() + 1);
        let is_long_enough = of_half.len() >= usize::from(CALENDAR_CYCLE.unsigned_abs());
        if !is_every_year || !is_long_enough {
            return None;
        }
        rules.push((of_half.first().copied()?.clone(), rule_of(&of_half)?));
    }
    Some(rules)
}

/// The rule that all these changes follow.
fn rule_of(changes: &[&Change]) -> Option<YearlyRule> {
    let first = changes.first()?;
    let is_same = |change: &&&Change| {
        (change.local.month(), change.local.weekday(), change.local.time())
            == (first.local.month(), first.local.weekday(), first.local.time())
            && (change.before, change.after) == (first.before, first.after)
    };
    if !changes.iter().all(|change| is_same(&change)) {
        return None;
    }
    let nth = |change: &Change| (change.local.day() + 6) / 7;
    let is_last = |change: &Change| change.local.day() + 7 > change.local.days_in_month();
    let (month, day) = (first.local.month(), first.local.weekday());
    if changes.iter().all(|change| is_last(change)) {
        Some(YearlyRule { month, day, nth: -1 })
    } else {
        let number = nth(first);
        changes.iter().all(|change| nth(change) == number).then_some(YearlyRule { month, day, nth: number })
    }
}

/// What the clocks show at an instant, and every change after it for some years.
fn one_by_one(zone: &Zone, first: Timestamp) -> Vec<Change> {
    // 1970 is before every meeting, and reading programs know of no year before it.
    let start = Change {
        local: DateTime::constant(1970, 1, 1, 0, 0, 0, 0),
        before: zone.rules().to_offset(first),
        after: zone.rules().to_offset(first),
        name: zone.rules().to_offset_info(first).abbreviation().to_owned(),
    };
    let end = first.checked_add(YEAR * YEARS_ONE_BY_ONE as i32).unwrap_or(Timestamp::MAX);
    let end = zone.local(end);
    let later = changes(zone, first).take_while(|change| change.local <= end);
    std::iter::once(start).chain(later).collect()
}

/// The changes after an instant. A zone that gets another name but keeps its time has none.
fn changes(zone: &Zone, after: Timestamp) -> impl Iterator<Item = Change> + '_ {
    let second = SignedDuration::from_secs(1);
    let transitions = zone.rules().following(after);
    let changes = transitions.filter_map(move |transition| {
        let before = zone.rules().to_offset(transition.timestamp().checked_sub(second).ok()?);
        let local = before.to_datetime(transition.timestamp());
        let name = transition.abbreviation().to_owned();
        Some(Change { local, before, after: transition.offset(), name })
    });
    changes.filter(|change| change.before != change.after)
}

/// `+0530`, with seconds where there are some.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let text = format!("{sign}{:02}{:02}", size / 3600, size / 60 % 60);
    if size % 60 == 0 { text } else { format!("{text}{:02}", size % 60) }
}

fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
