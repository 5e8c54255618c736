//! Schedules: the form in which they are kept, the view of whole hours, and what goes before what.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::ops::Range;

use domain::{
    DayRange, Hours, Level, Levels, Override, Rule, Schedule, SlotRange, SlotSet, TimeOfDay, WeekHours,
    Weekday, Weekly, Zone, busy_slots,
};
use jiff::Timestamp;

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn rule(day: Weekday, from: &str, to: &str, level: Level) -> Rule {
    Hours::new(day, time(from), time(to)).unwrap().at(level)
}

fn said(rules: &[Rule]) -> Vec<String> {
    let text = |rule: &Rule| {
        format!("{} {}-{} {}", rule.hours.day().name(), rule.hours.from(), rule.hours.to(), rule.level.name())
    };
    Weekly::new(rules).rules().iter().map(text).collect()
}

fn range(from: &str, to: &str) -> SlotRange {
    SlotRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

use Level::{IfNeeded, Yes};
use Weekday::{Monday, Sunday, Tuesday, Wednesday};

#[test]
fn rules_are_sorted_and_merged() {
    let given = [
        rule(Tuesday, "09:00", "10:00", Yes),
        rule(Monday, "12:00", "14:00", Yes),
        rule(Monday, "10:00", "12:30", Yes),
        rule(Monday, "08:00", "11:00", IfNeeded),
    ];
    let expected = ["monday 08:00-10:00 if_needed", "monday 10:00-14:00 yes", "tuesday 09:00-10:00 yes"];
    assert_eq!(said(&given), expected);
}

#[test]
fn an_hour_of_both_levels_is_a_yes() {
    let given = [rule(Monday, "09:00", "17:00", IfNeeded), rule(Monday, "12:00", "13:00", Yes)];
    let expected = ["monday 09:00-12:00 if_needed", "monday 12:00-13:00 yes", "monday 13:00-17:00 if_needed"];
    assert_eq!(said(&given), expected);
}

#[test]
fn ranges_past_midnight_and_past_the_end_of_the_week_stay_one() {
    assert_eq!(said(&[rule(Sunday, "22:00", "02:00", Yes)]), ["sunday 22:00-02:00 yes"]);
    let touching = [rule(Sunday, "22:00", "24:00", Yes), rule(Monday, "00:00", "03:00", Yes)];
    assert_eq!(said(&touching), ["sunday 22:00-03:00 yes"]);
}

#[test]
fn what_is_longer_than_a_day_is_cut_at_midnight() {
    let given = [rule(Monday, "20:00", "20:00", Yes), rule(Tuesday, "20:00", "06:00", Yes)];
    let expected = ["monday 20:00-24:00 yes", "tuesday 00:00-24:00 yes", "wednesday 00:00-06:00 yes"];
    assert_eq!(said(&given), expected);
    let always: Vec<Rule> = Weekday::ALL.iter().map(|&day| rule(day, "00:00", "24:00", Yes)).collect();
    assert_eq!(said(&always).len(), 7);
    assert_eq!(said(&always)[6], "sunday 00:00-24:00 yes");
}

#[test]
fn an_override_replaces_its_date_and_adds_to_the_next() {
    let ranges = vec![DayRange::new(time("22:00"), time("01:00"), IfNeeded).unwrap()];
    let overridden = Override { date: "2026-06-16".parse().unwrap(), ranges };
    let days = [Monday, Tuesday, Wednesday].map(|day| rule(day, "09:00", "10:00", Yes));
    let schedule = Schedule::new(Zone::utc(), &days, &[overridden], &[]);
    let week = range("2026-06-15T00:00:00Z", "2026-06-18T00:00:00Z");
    let levels = schedule.levels(week);
    let hours =
        |runs: Vec<Range<usize>>| runs.iter().map(|run| (run.start / 4, run.end / 4)).collect::<Vec<_>>();
    assert_eq!(hours(levels.yes().runs()), [(9, 10), (57, 58)]);
    assert_eq!(hours(levels.if_needed().runs()), [(46, 49)]);
}

#[test]
fn overrides_of_one_date_become_one() {
    let date = "2026-06-16".parse().unwrap();
    let part = |from, to, level| Override {
        date,
        ranges: vec![DayRange::new(time(from), time(to), level).unwrap()],
    };
    let given = [part("10:00", "12:00", IfNeeded), part("09:00", "11:00", Yes)];
    let schedule = Schedule::new(Zone::utc(), &[], &given, &[]);
    let [merged] = schedule.overrides() else { panic!("{schedule:?}") };
    let text: Vec<String> = merged
        .ranges
        .iter()
        .map(|range| format!("{}-{} {}", range.from(), range.to(), range.level.name()))
        .collect();
    assert_eq!(text, ["09:00-11:00 yes", "11:00-12:00 if_needed"]);
}

#[test]
fn free_time_is_rounded_inwards_and_busy_time_outwards() {
    let schedule = Schedule::new(Zone::utc(), &[rule(Monday, "09:10", "10:05", Yes)], &[], &[]);
    let day = range("2026-06-15T00:00:00Z", "2026-06-16T00:00:00Z");
    assert_eq!(schedule.levels(day).yes().runs(), [Range { start: 37, end: 40 }]);
    let busy = |from: &str, to: &str| {
        let busy: (Timestamp, Timestamp) = (from.parse().unwrap(), to.parse().unwrap());
        busy_slots(day, [busy]).runs()
    };
    assert_eq!(busy("2026-06-15T09:10:00Z", "2026-06-15T10:05:00Z"), [Range { start: 36, end: 41 }]);
    assert_eq!(busy("2026-06-15T09:15:00Z", "2026-06-15T10:00:00Z"), [Range { start: 37, end: 40 }]);
    assert_eq!(busy("2026-06-14T09:00:00Z", "2026-06-15T00:00:01Z"), [Range { start: 0, end: 1 }]);
    assert!(busy("2026-06-15T10:00:00Z", "2026-06-15T10:00:00Z").is_empty());
}

#[test]
fn busy_goes_before_painted_and_painted_before_the_schedule() {
    let mut levels = Levels::none(8);
    levels.insert_all(0..8, IfNeeded);
    let (mut asked, mut painted) = (SlotSet::empty(8), Levels::none(8));
    asked.insert_all(2..6);
    painted.insert_all(3..7, Yes);
    levels.replace(&asked, &painted);
    let mut busy = SlotSet::empty(8);
    busy.insert_all(4..5);
    levels.subtract(&busy);
    let text: Vec<_> = (0..8).map(|slot| levels.at(slot)).collect();
    let needed = Some(IfNeeded);
    assert_eq!(text, [needed, needed, None, Some(Yes), None, Some(Yes), needed, needed]);
}

#[test]
fn whole_hours_are_those_that_rules_cover_wholly() {
    let rules = [
        rule(Monday, "08:30", "10:00", Yes),
        rule(Monday, "10:00", "10:45", Yes),
        rule(Monday, "10:45", "12:00", IfNeeded),
        rule(Sunday, "23:00", "01:00", Yes),
    ];
    let week = Weekly::new(&rules).whole_hours();
    assert_eq!(week.hours(Monday).collect::<Vec<_>>(), [0, 9]);
    assert_eq!(week.hours(Sunday).collect::<Vec<_>>(), [23]);
    assert_eq!(week.count(), 3);
}

#[test]
fn whole_hours_come_back_as_they_were_written() {
    let mut week = WeekHours::EMPTY;
    for (day, hour) in [(Monday, 0), (Monday, 9), (Monday, 10), (Sunday, 23)] {
        assert!(week.insert(day, hour));
    }
    let weekly = Weekly::of_whole_hours(week);
    assert_eq!(weekly.rules().len(), 2, "{weekly:?}");
    assert_eq!(weekly.whole_hours(), week);
    assert_eq!(Weekly::of_whole_hours(WeekHours::FULL).whole_hours(), WeekHours::FULL);
}

#[test]
fn zones_have_one_spelling_each_and_others_suggest_it() {
    for name in ["Europe/Berlin", "Asia/Calcutta", "US/Pacific", "UTC", "Etc/GMT+5"] {
        assert_eq!(Zone::parse(name).unwrap().name(), name);
    }
    let suggestions = [
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("America/NewYork", "America/New_York"),
        ("utc", "UTC"),
    ];
    for (given, nearest) in suggestions {
        assert_eq!(Zone::parse(given).unwrap_err().nearest, nearest, "{given}");
    }
    assert!(Zone::parse(&"x".repeat(100_000)).is_err());
    assert!(Zone::parse("").is_err());
}

#[test]
fn times_of_day_have_one_spelling() {
    for text in ["00:00", "09:05", "23:59", "24:00"] {
        assert_eq!(time(text).to_string(), text);
    }
    for text in ["", "9:00", "09:0", "24:01", "25:00", "09:60", "09:00:00", " 09:00", "+9:00", "٠٩:٠٠"] {
        assert!(TimeOfDay::parse(text).is_err(), "{text}");
    }
    assert!(Hours::new(Monday, TimeOfDay::END_OF_DAY, time("01:00")).is_err());
}

#[test]
fn an_answer_is_kept_as_bytes() {
    let mut set = SlotSet::empty(70);
    set.insert_all(3..9);
    set.insert_all(63..70);
    let bytes = set.to_bytes();
    assert_eq!((bytes.len(), bytes[0]), (9, 0b1111_1000));
    assert_eq!(SlotSet::from_bytes(&bytes, 70), Some(set));
    assert_eq!(SlotSet::from_bytes(&bytes, 69), None, "a slot is beyond the range");
    assert_eq!(SlotSet::from_bytes(&bytes, 80), None, "a byte is missing");
}
