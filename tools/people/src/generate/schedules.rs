//! What people say beyond the hours of their week: zone, parts of hours, times at need, single dates, working hours.

use std::iter::repeat_n;

use domain::{DayRange, Hours, Level, Override, Rule, Schedule, TimeOfDay, WeekHours, Weekday, Weekly, Zone};
use jiff::{ToSpan, civil::Date};
use rand::{Rng, RngExt};

use super::FIRST_DATE;

/// Zones, each with how many in twenty people live there.
const ZONES: [(usize, &str); 9] = [
    (6, "Europe/Berlin"),
    (3, "Europe/London"),
    (4, "America/New_York"),
    (2, "America/Los_Angeles"),
    (1, "Asia/Kolkata"),
    (1, "Asia/Kathmandu"),
    (1, "Asia/Tokyo"),
    (1, "Pacific/Auckland"),
    (1, "America/Sao_Paulo"),
];
/// Days from the first date of polls among which single dates are drawn.
const DAYS: u16 = 60;

/// A schedule whose view is exactly these hours: what it adds at `yes` is parts of hours only.
pub(super) fn schedule(rng: &mut impl Rng, week: WeekHours) -> Schedule {
    let whole = Weekly::of_whole_hours(week);
    let mut rules = whole.rules().to_vec();
    for rule in whole.rules() {
        rules.extend(around(rng, rule.hours));
    }
    let overrides: Vec<Override> = (0..rng.random_range(0..3)).filter_map(|_| single_date(rng)).collect();
    let working_hours = if rng.random_ratio(1, 2) { working_hours(rng) } else { Vec::new() };
    Schedule::new(zone(rng), &rules, &overrides, &working_hours)
}

fn zone(rng: &mut impl Rng) -> Zone {
    let twenty: Vec<&str> = ZONES.iter().flat_map(|(people, name)| repeat_n(*name, *people)).collect();
    Zone::parse(twenty[rng.random_range(0..twenty.len())]).unwrap_or(Zone::utc())
}

/// For some half an hour before they begin, and for some an hour after, at need.
fn around(rng: &mut impl Rng, hours: Hours) -> Vec<Rule> {
    let (from, to) = (hours.from().minutes(), hours.to().minutes());
    let mut rules = Vec::new();
    if rng.random_ratio(1, 4) && from >= 30 {
        rules.extend(rule(hours.day(), from - 30, from, Level::Yes));
    }
    if rng.random_ratio(1, 3) && from < to && to + 60 <= TimeOfDay::END_OF_DAY.minutes() {
        rules.extend(rule(hours.day(), to, to + 60, Level::IfNeeded));
    }
    rules
}

fn rule(day: Weekday, from: u16, to: u16, level: Level) -> Option<Rule> {
    let (from, to) = TimeOfDay::from_minutes(from).zip(TimeOfDay::from_minutes(to))?;
    Some(Hours::new(day, from, to).ok()?.at(level))
}

/// A day off, or half of one.
fn single_date(rng: &mut impl Rng) -> Option<Override> {
    let date: Date = FIRST_DATE.checked_add(i64::from(rng.random_range(0..DAYS)).days()).ok()?;
    let (from, to) = TimeOfDay::from_minutes(9 * 60).zip(TimeOfDay::from_minutes(12 * 60))?;
    let morning = DayRange::new(from, to, Level::Yes).ok();
    Some(Override { date, ranges: morning.filter(|_| rng.random_ratio(1, 3)).into_iter().collect() })
}

fn working_hours(rng: &mut impl Rng) -> Vec<Hours> {
    let start = 60 * rng.random_range(7..=10);
    let end = TimeOfDay::from_minutes(start + 8 * 60);
    let times = TimeOfDay::from_minutes(start).zip(end);
    let days = Weekday::ALL[..5].iter();
    days.filter_map(|&day| times.and_then(|(from, to)| Hours::new(day, from, to).ok())).collect()
}
