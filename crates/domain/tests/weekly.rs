//! Weekly meetings: in how many real weeks they hold, and rotations against trying everything.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{
    Granularity, Group, Hours, Layout, Level, Levels, Options, Person, PollDays, PollTimes, Question,
    Schedule, SlotSet, TimeOfDay, Weekday, WeeklyWindow, Zone, interval_starts, repeats, rotation,
    weekly_windows,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn weekly(zone: &str, from: &str, to: &str) -> Schedule {
    let days = Weekday::ALL[..5].iter();
    let rules: Vec<_> =
        days.map(|&day| Hours::new(day, time(from), time(to)).unwrap().at(Level::Yes)).collect();
    Schedule::new(Zone::parse(zone).unwrap(), &rules, &[], &[])
}

struct Found {
    layout: Layout,
    total: usize,
    windows: Vec<WeeklyWindow>,
}

/// The weekly windows of people on Mondays in New York, from a Monday on.
fn mondays(people: &[Schedule], from: &str, to: &str, monday: Date, weeks: u32, interval: u32) -> Found {
    let zone = Zone::parse("America/New_York").unwrap();
    let days = PollDays::Weekly(vec![Weekday::Monday]);
    let times = PollTimes::new(days, zone.clone(), time(from), time(to), Granularity::Quarter).unwrap();
    let layout = Layout::new(&times, &times.dates(monday, weeks)).unwrap();
    let starts = interval_starts(layout.range(), &zone, time(from), interval);
    let levels: Vec<Levels> = people
        .iter()
        .map(|schedule| {
            let mut levels = schedule.levels(layout.range());
            levels.intersect(layout.candidates());
            levels
        })
        .collect();
    let working: Vec<SlotSet> =
        people.iter().map(|schedule| schedule.working_slots(layout.range())).collect();
    let person = |(levels, working)| Person {
        levels,
        unknown: None,
        working: Some(working),
        conflicts: None,
        required: false,
    };
    let group: Vec<Person<'_>> = levels.iter().zip(&working).map(person).collect();
    let question = Question {
        range: layout.range(),
        horizon_slots: layout.range().len(),
        candidates: layout.candidates(),
        starts: &starts,
        people: &group,
        groups: &[] as &[Group],
        options: Options::default(),
    };
    let times = repeats(&layout, &zone, monday, weeks, &starts);
    let (total, windows) = weekly_windows(&question, &times).unwrap();
    Found { layout, total, windows }
}

#[test]
fn a_meeting_of_two_continents_does_not_hold_while_only_one_has_changed_its_clocks() {
    let people = [weekly("America/New_York", "09:00", "12:00"), weekly("Europe/London", "14:00", "15:00")];
    let found = mondays(&people, "09:00", "12:00", date(2026, 2, 16), 8, 60);
    // 14:00 in London is 09:00 in New York, but 10:00 in the three weeks after New York's change.
    let [only] = &found.windows[..] else { panic!("{:?}", found.windows) };
    let except: Vec<String> = only.holds.except.iter().map(|date| date.to_string()).collect();
    assert_eq!((only.window.yes, only.holds.of, only.holds.within, found.total), (2, 8, 5, 1));
    assert_eq!(except, ["2026-03-09", "2026-03-16", "2026-03-23"]);
    let starts =
        only.starts.iter().map(|slot| slot.map(|slot| found.layout.range().instant(slot).to_string()));
    let starts: Vec<_> = starts.collect();
    assert_eq!(starts[2..6], [Some("2026-03-02T14:00:00Z".to_owned()), None, None, None]);
    assert_eq!(starts[6].as_deref(), Some("2026-03-30T13:00:00Z"));
}

#[test]
fn a_meeting_within_one_zone_holds_every_week() {
    let people = [weekly("America/New_York", "09:00", "12:00"), weekly("America/New_York", "10:00", "17:00")];
    let found = mondays(&people, "09:00", "17:00", date(2026, 2, 23), 12, 30);
    let first = &found.windows[0];
    assert_eq!((first.holds.of, first.holds.within, first.window.yes), (12, 12, 2));
    assert_eq!(found.layout.range().instant(first.window.start).to_string(), "2026-02-23T15:00:00Z");
    assert!(found.windows.len() == 2 && first.holds.except.is_empty());
}

#[test]
fn a_time_that_the_clock_skips_does_not_hold_that_week() {
    let always: Vec<_> = Weekday::ALL
        .iter()
        .map(|&day| Hours::new(day, time("00:00"), time("24:00")).unwrap().at(Level::Yes))
        .collect();
    let alone = [Schedule::new(Zone::utc(), &always, &[], &[])];
    let zone = Zone::parse("America/New_York").unwrap();
    let days = PollDays::Weekly(vec![Weekday::Sunday]);
    let times = PollTimes::new(days, zone.clone(), time("02:00"), time("04:00"), Granularity::Hour).unwrap();
    let monday = date(2026, 3, 2);
    let layout = Layout::new(&times, &times.dates(monday, 2)).unwrap();
    let starts = interval_starts(layout.range(), &zone, time("02:00"), 60);
    let mut levels = alone[0].levels(layout.range());
    levels.intersect(layout.candidates());
    let person = Person { levels: &levels, unknown: None, working: None, conflicts: None, required: true };
    let question = Question {
        range: layout.range(),
        horizon_slots: layout.range().len(),
        candidates: layout.candidates(),
        starts: &starts,
        people: &[person],
        groups: &[],
        options: Options::default(),
    };
    let (total, windows) = weekly_windows(&question, &repeats(&layout, &zone, monday, 2, &starts)).unwrap();
    assert_eq!(total, 1, "at 02:00 one of two weeks is missing, and equally many are a no");
    let holds: Vec<_> = windows.iter().map(|window| (window.holds.within, window.holds.of)).collect();
    assert_eq!(holds, [(2, 2)]);
}

/// All choices, one after the other.
fn brute(people: usize, weeks: &[Vec<Option<Vec<u32>>>]) -> (Vec<u32>, Vec<Option<usize>>) {
    let mut all = vec![(vec![0u32; people], Vec::new())];
    for week in weeks {
        let mut next = Vec::new();
        for (burdens, choices) in &all {
            let there = week.iter().enumerate().filter_map(|(option, added)| Some((option, added.as_ref()?)));
            for (option, added) in there {
                let sum: Vec<u32> = burdens.iter().zip(added).map(|(one, other)| one + other).collect();
                next.push((sum, [choices.clone(), vec![Some(option)]].concat()));
            }
            if week.iter().all(Option::is_none) {
                next.push((burdens.clone(), [choices.clone(), vec![None]].concat()));
            }
        }
        all = next;
    }
    let sorted = |burdens: &Vec<u32>| {
        let mut sorted = burdens.clone();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        sorted
    };
    all.into_iter().min_by_key(|(burdens, choices)| (sorted(burdens), choices.clone())).unwrap()
}

fn any_weeks(people: usize) -> impl Strategy<Value = Vec<Vec<Option<Vec<u32>>>>> {
    let burden = prop::collection::vec((0u32..5).prop_map(|quarters| quarters * 15), people);
    let option = prop::option::weighted(0.85, burden);
    prop::collection::vec(prop::collection::vec(option, 1..4), 1..6)
}

proptest! {
    #[test]
    fn no_other_rotation_is_fairer(weeks in (1usize..5).prop_flat_map(any_weeks)) {
        let people = weeks.iter().flatten().flatten().map(Vec::len).next().unwrap_or(2);
        let found = rotation(people, &weeks);
        let (burdens, choices) = brute(people, &weeks);
        prop_assert_eq!((found.burdens, found.choices, found.exact), (burdens, choices, true));
    }
}

#[test]
fn a_rotation_over_three_continents_takes_turns() {
    // Three times, each of which one of three people pays for with an hour.
    let week = vec![Some(vec![60, 0, 0]), Some(vec![0, 60, 0]), Some(vec![0, 0, 60])];
    let found = rotation(3, &vec![week; 12]);
    assert_eq!(found.burdens, [240, 240, 240]);
    assert!(found.exact);
    assert_eq!(found.choices[..4], [Some(0); 4]);
}

#[test]
fn a_rotation_of_many_is_found_too() {
    let options = |week: u32| {
        let option =
            |option: u32| (0..200).map(|person| (person * 7 + option * 13 + week * 5) % 5 * 15).collect();
        (0..10).map(|index| Some(option(index))).collect()
    };
    let weeks: Vec<_> = (0..12).map(options).collect();
    let found = rotation(200, &weeks);
    let mut burdens = vec![0; 200];
    for (week, choice) in weeks.iter().zip(&found.choices) {
        let added = week[choice.unwrap()].as_ref().unwrap();
        burdens.iter_mut().zip(added).for_each(|(burden, added)| *burden += added);
    }
    assert_eq!((found.choices.len(), found.burdens), (12, burdens));
}
