//! How people work: which hours of the week they could meet.

use std::iter::repeat_n;

use domain::{WeekHours, Weekday};
use rand::{Rng, RngExt, seq::index::sample};

type Pattern = fn(&mut dyn Rng) -> WeekHours;

/// How people work, each with how many in twenty work so.
const PATTERNS: [(usize, Pattern); 8] = [
    (8, office),
    (3, part_time),
    (3, parent),
    (1, early_shift),
    (1, late_shift),
    (1, night_shift),
    (2, weekend_worker),
    (1, freelancer),
];

/// Monday to Friday.
const WORKDAYS: usize = 5;

/// The free hours of a person who works by a pattern that is drawn.
pub(super) fn free_hours(rng: &mut impl Rng) -> WeekHours {
    let twenty: Vec<_> = PATTERNS.iter().flat_map(|(people, pattern)| repeat_n(pattern, *people)).collect();
    twenty[rng.random_range(0..twenty.len())](rng)
}

/// Adds an hour of the week; hours from 24 on are the next day's.
pub(super) fn insert(week: &mut WeekHours, day: Weekday, hour: u8) {
    let slot = (day as usize * usize::from(WeekHours::HOURS) + usize::from(hour)) % (7 * 24);
    let (day, hour) = (Weekday::ALL[slot / 24], slot % 24);
    let inserted = u8::try_from(hour).is_ok_and(|hour| week.insert(day, hour));
    debug_assert!(inserted, "an hour of the day is below 24");
}

/// Nine to five, an hour more or less, a lunch at noon or one, and a third of the rest already taken.
fn office(rng: &mut dyn Rng) -> WeekHours {
    let start = rng.random_range(8..=10);
    let lunch = rng.random_range(12..=13);
    shift(rng, &Weekday::ALL[..WORKDAYS], start, 8, |rng, hour| hour != lunch && rng.random_ratio(2, 3))
}

/// Mornings or afternoons, on three to five days.
fn part_time(rng: &mut dyn Rng) -> WeekHours {
    let (start, length) = if rng.random_ratio(2, 3) { (rng.random_range(8..=9), 4) } else { (13, 5) };
    let count = rng.random_range(3..=WORKDAYS);
    let days = some_days(rng, &Weekday::ALL[..WORKDAYS], count);
    shift(rng, &days, start, length, |rng, _| rng.random_ratio(4, 5))
}

/// While the children are out, and again when they are in bed.
fn parent(rng: &mut dyn Rng) -> WeekHours {
    let home = rng.random_range(14..=15);
    shift(rng, &Weekday::ALL[..WORKDAYS], 9, 13, |rng, hour| {
        (hour < home || hour >= 20) && rng.random_ratio(3, 4)
    })
}

/// Six to two.
fn early_shift(rng: &mut dyn Rng) -> WeekHours {
    shift(rng, &Weekday::ALL[..WORKDAYS], 6, 8, |rng, hour| hour != 10 && rng.random_ratio(1, 2))
}

/// Two to ten.
fn late_shift(rng: &mut dyn Rng) -> WeekHours {
    shift(rng, &Weekday::ALL[..WORKDAYS], 14, 8, |rng, hour| hour != 18 && rng.random_ratio(1, 2))
}

/// Ten in the evening to six, Sunday's night into Monday included for some.
fn night_shift(rng: &mut dyn Rng) -> WeekHours {
    let count = rng.random_range(4..=5);
    let days = some_days(rng, &Weekday::ALL, count);
    shift(rng, &days, 22, 8, |rng, hour| hour != 26 && rng.random_ratio(1, 2))
}

/// Saturday, Sunday and two or three other days, ten to six.
fn weekend_worker(rng: &mut dyn Rng) -> WeekHours {
    let count = rng.random_range(2..=3);
    let mut days = some_days(rng, &Weekday::ALL[..WORKDAYS], count);
    days.extend([Weekday::Saturday, Weekday::Sunday]);
    shift(rng, &days, 10, 8, |rng, hour| hour != 13 && rng.random_ratio(2, 3))
}

/// Any day from nine to nine, wherever there is room.
fn freelancer(rng: &mut dyn Rng) -> WeekHours {
    shift(rng, &Weekday::ALL, 9, 12, |rng, _| rng.random_ratio(2, 5))
}

/// `count` of the days, in week order.
fn some_days(rng: &mut dyn Rng, days: &[Weekday], count: usize) -> Vec<Weekday> {
    let mut chosen: Vec<Weekday> =
        sample(rng, days.len(), count).into_iter().map(|index| days[index]).collect();
    chosen.sort_unstable();
    chosen
}

/// The hours from `start` on for `length` hours of each day that are `free`; after midnight they count on from 24.
fn shift(
    rng: &mut dyn Rng,
    days: &[Weekday],
    start: u8,
    length: u8,
    free: impl Fn(&mut dyn Rng, u8) -> bool,
) -> WeekHours {
    let mut week = WeekHours::EMPTY;
    for &day in days {
        for hour in start..start + length {
            if free(rng, hour) {
                insert(&mut week, day, hour);
            }
        }
    }
    week
}
