//! Slots from rules and overrides, against a reading of the clock minute by minute.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{DayRange, Hours, Level, Levels, Override, Rule, Schedule, SlotRange, TimeOfDay, Weekday, Zone};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

const ZONES: [&str; 14] = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Santiago",
    "Antarctica/Troll",
    "UTC",
];

prop_compose! {
    fn any_time()(quarter in 0u16..96, off in prop_oneof![4 => Just(0u16), 1 => 1u16..15]) -> TimeOfDay {
        TimeOfDay::from_minutes(quarter * 15 + off).unwrap()
    }
}

fn any_end() -> impl Strategy<Value = TimeOfDay> {
    prop_oneof![6 => any_time(), 1 => Just(TimeOfDay::END_OF_DAY)]
}

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL.to_vec())
}

prop_compose! {
    fn any_rule()(day in prop::sample::select(Weekday::ALL.to_vec()), from in any_time(), to in any_end(),
                  level in any_level()) -> Rule {
        Hours::new(day, from, to).unwrap().at(level)
    }
}

prop_compose! {
    /// Around the days on which clocks change somewhere, and any other day.
    fn any_date()(base in prop::sample::select(vec!["2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24",
                      "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01", "2027-02-07", "2024-02-28"]),
                  days in -3i64..4) -> Date {
        let base: Date = base.parse().unwrap();
        base.checked_add(days.days()).unwrap()
    }
}

prop_compose! {
    fn any_override()(date in any_date(), ranges in prop::collection::vec((any_time(), any_end(), any_level()), 0..3))
                      -> Override {
        let range = |(from, to, level)| DayRange::new(from, to, level).unwrap();
        Override { date, ranges: ranges.into_iter().map(range).collect() }
    }
}

prop_compose! {
    fn any_range()(date in any_date(), quarter in 0i64..96, slots in 1i64..500) -> SlotRange {
        let midnight: Timestamp = format!("{date}T00:00:00Z").parse().unwrap();
        let start = midnight + SignedDuration::from_mins(quarter * 15) - SignedDuration::from_hours(72);
        SlotRange::new(start, start + SignedDuration::from_mins(slots * 15)).unwrap()
    }
}

/// Whether a rule from one time to another, on this day, holds at a local minute.
fn holds(day: Date, from: TimeOfDay, to: TimeOfDay, minute: DateTime) -> bool {
    let clock = |time: TimeOfDay| day.at(0, 0, 0, 0) + i64::from(time.minutes()).minutes();
    let end = if to > from { clock(to) } else { clock(to) + 1.day() };
    clock(from) <= minute && minute < end
}

struct Said {
    weekly: Vec<Rule>,
    overrides: Vec<Override>,
}

impl Said {
    /// The level at a local minute: that of its date's override, and of what passes midnight from that of the day before,
    /// or else that of the weekly rules.
    fn at(&self, minute: DateTime) -> Option<Level> {
        let (today, yesterday) = (minute.date(), minute.date().yesterday().unwrap());
        let on = |date: Date| {
            let ranges =
                self.overrides.iter().filter(move |own| own.date == date).flat_map(|own| &own.ranges);
            ranges.filter(move |range| holds(date, range.from(), range.to(), minute)).map(|range| range.level)
        };
        let dated = on(today).chain(on(yesterday)).max();
        if self.overrides.iter().any(|own| own.date == today) {
            return dated;
        }
        let weekly = self.weekly.iter().filter(|rule| {
            [today, yesterday].into_iter().any(|date| {
                let weekday = Weekday::ALL[date.weekday().to_monday_zero_offset() as usize];
                weekday == rule.hours.day() && holds(date, rule.hours.from(), rule.hours.to(), minute)
            })
        });
        weekly.map(|rule| rule.level).max().max(dated)
    }

    /// The level throughout the quarter of an hour that the local clock shows at this instant.
    fn throughout(&self, zone: &Zone, start: Timestamp) -> Option<Level> {
        let local = start.to_zoned(zone.rules().clone()).datetime();
        // None is less than any level.
        (0..15).map(|minute| self.at(local + i64::from(minute).minutes())).min().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_slot_is_free_when_its_own_local_time_is(
        zone in prop::sample::select(ZONES.to_vec()),
        weekly in prop::collection::vec(any_rule(), 0..6),
        overrides in prop::collection::vec(any_override(), 0..4),
        range in any_range(),
    ) {
        let zone = Zone::parse(zone).unwrap();
        let levels = Schedule::new(zone.clone(), &weekly, &overrides, &[]).levels(range);
        let said = Said { weekly, overrides };
        for slot in 0..range.len() {
            let start = range.instant(slot);
            prop_assert_eq!(levels.at(slot), said.throughout(&zone, start), "{} in {}", start, zone);
        }
    }

    #[test]
    fn the_kept_form_says_the_same_and_stays(
        weekly in prop::collection::vec(any_rule(), 0..6),
        overrides in prop::collection::vec(any_override(), 0..4),
    ) {
        let given = Schedule::new(Zone::utc(), &weekly, &overrides, &[]);
        let again = Schedule::new(Zone::utc(), given.weekly.rules(), given.overrides(), &[]);
        prop_assert_eq!(&again, &given);
        for (one, next) in given.weekly.rules().iter().zip(given.weekly.rules().iter().skip(1)) {
            prop_assert!((one.hours.day(), one.hours.from()) < (next.hours.day(), next.hours.from()));
        }
    }

    #[test]
    fn working_hours_are_where_the_rules_are(
        zone in prop::sample::select(ZONES.to_vec()),
        rules in prop::collection::vec(any_rule(), 1..5),
        range in any_range(),
    ) {
        let zone = Zone::parse(zone).unwrap();
        let hours: Vec<Hours> = rules.iter().map(|rule| rule.hours).collect();
        let working = Schedule::new(zone.clone(), &[], &[], &hours).working_slots(range);
        let weekly = hours.iter().map(|hours| hours.at(Level::Yes)).collect();
        let said = Said { weekly, overrides: Vec::new() };
        for slot in 0..range.len() {
            let expected = said.throughout(&zone, range.instant(slot)).is_some();
            prop_assert_eq!(working.contains(slot), expected);
        }
    }

    #[test]
    fn moving_to_another_range_keeps_what_both_have(
        from in any_range(), to in any_range(), runs in prop::collection::vec((0usize..900, 1usize..40), 0..6),
    ) {
        let mut levels = Levels::none(from.len());
        for (index, (start, len)) in runs.into_iter().enumerate() {
            levels.insert_all(start..start + len, Level::ALL[index % 2]);
        }
        let moved = levels.moved(from, to);
        for slot in 0..to.len() {
            let before = from.index_of(to.instant(slot)).and_then(|slot| levels.at(slot));
            prop_assert_eq!(moved.at(slot), before);
        }
    }
}

#[test]
fn every_zone_changes_its_clock_where_a_slot_starts_and_by_whole_slots() {
    let mut zones = 0;
    for name in Zone::names() {
        let zone = Zone::parse(name).unwrap();
        let start: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
        let changes = zone.rules().following(start).take_while(|change| change.timestamp() < end);
        for change in changes {
            assert_eq!(change.timestamp().as_second() % 900, 0, "{name} {}", change.timestamp());
            assert_eq!(change.offset().seconds() % 900, 0, "{name} {}", change.timestamp());
        }
        assert_eq!(zone.rules().to_offset(start).seconds() % 900, 0, "{name}");
        zones += 1;
    }
    assert!(zones > 500, "only {zones} zones");
}
