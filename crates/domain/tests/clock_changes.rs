//! The cases that must hold: what local times are in UTC, slot by slot, around clock changes.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{
    Hours, Layout, Level, LevelRange, Levels, Override, PollDays, PollTimes, Schedule, SlotRange, TimeOfDay,
    Weekday, Zone,
};
use jiff::Timestamp;
use jiff::civil::Date;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> SlotRange {
    SlotRange::new(at(from), at(to)).unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn weekly(zone_name: &str, day: Weekday, from: &str, to: &str) -> Schedule {
    let rule = Hours::new(day, time(from), time(to)).unwrap().at(Level::Yes);
    Schedule::new(zone(zone_name), &[rule], &[], &[])
}

/// Free on one date only, by an override.
fn on(zone_name: &str, date: &str, from: &str, to: &str) -> Schedule {
    let ranges = vec![domain::DayRange::new(time(from), time(to), Level::Yes).unwrap()];
    Schedule::new(zone(zone_name), &[], &[Override { date: date.parse().unwrap(), ranges }], &[])
}

/// The free times in the days around a date, in UTC.
fn free(schedule: &Schedule, date: &str) -> Vec<(String, String)> {
    let midnight = at(&format!("{date}T00:00:00Z"));
    let day = jiff::SignedDuration::from_hours(24);
    let around = SlotRange::new(midnight - day, midnight + day + day).unwrap();
    times(&schedule.levels(around), around)
}

fn times(levels: &Levels, range: SlotRange) -> Vec<(String, String)> {
    let text = |LevelRange { start, end, .. }: LevelRange| (start.to_string(), end.to_string());
    levels.ranges(range).into_iter().map(text).collect()
}

fn span(from: &str, to: &str) -> (String, String) {
    (at(from).to_string(), at(to).to_string())
}

#[test]
fn a_range_across_a_gap_has_the_slots_that_exist() {
    let night = on("America/New_York", "2026-03-08", "01:00", "04:00");
    assert_eq!(free(&night, "2026-03-08"), [span("2026-03-08T06:00:00Z", "2026-03-08T08:00:00Z")]);
    let lord_howe = on("Australia/Lord_Howe", "2026-10-04", "01:00", "04:00");
    let around = range("2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z");
    assert_eq!(lord_howe.levels(around).yes().count(), 10);
}

#[test]
fn a_range_within_a_gap_has_no_slots() {
    assert!(free(&on("America/New_York", "2026-03-08", "02:00", "03:00"), "2026-03-08").is_empty());
}

#[test]
fn an_hour_that_comes_twice_is_free_twice() {
    let night = on("America/New_York", "2026-11-01", "01:00", "02:00");
    assert_eq!(free(&night, "2026-11-01"), [span("2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z")]);
    let london = on("Europe/London", "2026-10-25", "01:00", "02:00");
    assert_eq!(free(&london, "2026-10-25"), [span("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z")]);
    let lord_howe = on("Australia/Lord_Howe", "2026-04-05", "01:30", "02:00");
    assert_eq!(free(&lord_howe, "2026-04-05"), [span("2026-04-04T14:30:00Z", "2026-04-04T15:30:00Z")]);
}

#[test]
fn a_range_that_starts_in_a_repeated_hour_has_a_hole() {
    let night = on("America/New_York", "2026-11-01", "01:30", "02:30");
    let pieces = [
        span("2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z"),
        span("2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"),
    ];
    assert_eq!(free(&night, "2026-11-01"), pieces);
}

#[test]
fn kolkata_and_kathmandu_share_three_slots_of_the_same_hour() {
    let around = range("2026-06-15T00:00:00Z", "2026-06-16T00:00:00Z");
    let mut shared = weekly("Asia/Kolkata", Weekday::Monday, "09:00", "10:00").levels(around);
    shared.intersect(weekly("Asia/Kathmandu", Weekday::Monday, "09:00", "10:00").levels(around).yes());
    assert_eq!(times(&shared, around), [span("2026-06-15T03:30:00Z", "2026-06-15T04:15:00Z")]);
}

#[test]
fn the_first_of_monday_and_the_last_of_saturday_can_be_the_same_instant() {
    let kiritimati = on("Pacific/Kiritimati", "2026-06-15", "00:00", "00:15");
    let pago_pago = on("Pacific/Pago_Pago", "2026-06-13", "23:00", "23:15");
    let instant = [span("2026-06-14T10:00:00Z", "2026-06-14T10:15:00Z")];
    assert_eq!(free(&kiritimati, "2026-06-14"), instant);
    assert_eq!(free(&pago_pago, "2026-06-14"), instant);
}

#[test]
fn a_day_whose_midnight_does_not_exist_has_92_slots() {
    for (zone_name, date) in [("Africa/Cairo", "2026-04-24"), ("America/Santiago", "2026-09-06")] {
        let day = on(zone_name, date, "00:00", "24:00");
        let slots = free(&day, date);
        let [(start, end)] = &slots[..] else { panic!("{slots:?}") };
        let hours = at(end).duration_since(at(start));
        assert_eq!(hours, jiff::SignedDuration::from_hours(23), "{zone_name}");
        assert_eq!(zone(zone_name).local(at(start)).to_string(), format!("{date}T01:00:00"));
        assert!(free(&on(zone_name, date, "00:00", "01:00"), date).is_empty(), "{zone_name}");
    }
}

#[test]
fn new_york_and_london_share_less_while_only_one_of_them_has_changed_its_clocks() {
    let (new_york, london) = (
        weekly("America/New_York", Weekday::Monday, "09:00", "12:00"),
        weekly("Europe/London", Weekday::Monday, "14:00", "17:00"),
    );
    let expected =
        [("2026-03-02", 12), ("2026-03-09", 8), ("2026-03-16", 8), ("2026-03-23", 8), ("2026-03-30", 12)];
    for (monday, slots) in expected {
        let start = at(&format!("{monday}T00:00:00Z"));
        let day = SlotRange::new(start, start + jiff::SignedDuration::from_hours(24)).unwrap();
        let mut shared = new_york.levels(day);
        shared.intersect(london.levels(day).yes());
        assert_eq!(shared.yes().count(), slots, "{monday}");
    }
}

#[test]
fn local_weeks_are_not_equally_long() {
    let weeks = [
        ("America/New_York", "2026-03-02", 668),
        ("America/New_York", "2026-10-26", 676),
        ("Australia/Lord_Howe", "2026-09-28", 670),
        ("Australia/Lord_Howe", "2026-03-30", 674),
        ("Europe/Berlin", "2026-06-01", 672),
    ];
    for (zone_name, monday, slots) in weeks {
        let days = PollDays::Weekly(Weekday::ALL.to_vec());
        let midnight = TimeOfDay::MIDNIGHT;
        let grain = domain::Granularity::Quarter;
        let times = PollTimes::new(days, zone(zone_name), midnight, TimeOfDay::END_OF_DAY, grain).unwrap();
        let monday: Date = monday.parse().unwrap();
        let layout = Layout::new(&times, &times.dates(monday, 1)).unwrap();
        assert_eq!(
            (layout.range().len(), layout.candidates().count()),
            (slots, slots),
            "{zone_name} {monday}"
        );
    }
}

#[test]
fn a_week_wraps_from_sunday_night_to_monday_morning() {
    let night = weekly("UTC", Weekday::Sunday, "22:00", "02:00");
    assert_eq!(free(&night, "2026-06-14"), [span("2026-06-14T22:00:00Z", "2026-06-15T02:00:00Z")]);
    let start_of_week = range("2026-06-15T00:00:00Z", "2026-06-15T04:00:00Z");
    assert_eq!(night.levels(start_of_week).yes().count(), 8);
}
