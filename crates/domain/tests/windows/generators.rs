//! Generates random questions, as the naive oracle takes them and as the library does.

use domain::{
    Group, IfNeeded, Levels, Options, Person, Question, Search, SlotRange, SlotSet, TimeOfDay, WorkingHours,
    Zone, interval_starts,
};
use proptest::prelude::*;

use crate::naive::{self, Naive};

prop_compose! {
    /// Slots in runs, more or less of them.
    fn any_slots(slots: usize)(share in 0usize..4, runs in prop::collection::vec((1usize..24, 1usize..30), slots / 8))
                 -> Vec<bool> {
        let mut set = Vec::new();
        for (off, on) in runs {
            set.resize(set.len() + off * (3 - share) / 3, false);
            set.resize(set.len() + on, share > 0);
        }
        set.resize(slots, false);
        set
    }
}

prop_compose! {
    fn any_person(slots: usize)(
        yes in any_slots(slots), if_needed in any_slots(slots), some in any_slots(slots), working in any_slots(slots),
        busy in prop::option::of(any_slots(slots)), answered in 0u8..8, works in any::<bool>(), required in prop::bool::weighted(0.25),
    ) -> naive::Person {
        let none = vec![false; slots];
        let (yes, if_needed) = if answered == 0 { (none.clone(), none) } else { (yes, if_needed) };
        let unsaid = |slot: usize| (answered == 0 || some[slot]) && !yes[slot] && !if_needed[slot];
        let unknown = (answered < 2).then(|| (0..slots).map(unsaid).collect());
        naive::Person { yes, if_needed, unknown, working: works.then_some(working), conflicts: busy, required }
    }
}

fn any_options() -> impl Strategy<Value = Options> {
    let if_needed = prop::sample::select(vec![IfNeeded::LastResort, IfNeeded::Equal, IfNeeded::Never]);
    let working = prop::sample::select(vec![WorkingHours::Respect, WorkingHours::Only, WorkingHours::Ignore]);
    let duration = prop_oneof![4 => 1u32..100, 2 => Just(60), 1 => 100u32..1_500];
    let buffer = || prop_oneof![3 => Just(0u32), 1 => 1u32..40];
    (duration, buffer(), buffer(), if_needed, working, 1usize..12, any::<bool>()).prop_map(
        |(duration_minutes, before, after, if_needed, working_hours, max_windows, overlapping)| Options {
            duration_minutes,
            buffer_before_minutes: before,
            buffer_after_minutes: after,
            if_needed,
            working_hours,
            max_windows,
            overlapping,
        },
    )
}

fn of_len(slots: usize, people: std::ops::Range<usize>) -> impl Strategy<Value = Naive> {
    let people = prop::collection::vec(any_person(slots), people);
    let groups = prop::collection::vec((prop::collection::btree_set(0usize..8, 1..4), 0usize..4), 0..3);
    let candidates = prop_oneof![2 => Just(vec![true; slots]), 1 => any_slots(slots)];
    let zone = prop::sample::select(vec!["UTC", "Asia/Kathmandu", "Europe/London", "Australia/Lord_Howe"]);
    let interval = prop::sample::select(vec![15u32, 15, 30, 45, 60, 240]);
    (people, groups, candidates, any_options(), 0..=slots, zone, interval).prop_map(
        move |(mut people, groups, candidates, options, later, zone, interval)| {
            // Nobody is free, or asked, where the meeting cannot be.
            for person in &mut people {
                let sets =
                    [&mut person.yes, &mut person.if_needed].into_iter().chain(person.unknown.as_mut());
                for set in sets {
                    set.iter_mut().zip(&candidates).for_each(|(slot, asked)| *slot &= asked);
                }
            }
            let count = people.len();
            let groups = groups.into_iter().map(|(members, required)| {
                (members.into_iter().filter(|&member| member < count).collect(), required)
            });
            let asked = if later % 3 == 0 { slots - later / 2 } else { slots };
            Naive {
                slots,
                asked,
                candidates,
                starts: starts(slots, zone, interval),
                groups: groups.collect(),
                people,
                options,
            }
        },
    )
}

pub(crate) fn any_question() -> impl Strategy<Value = Naive> {
    prop_oneof![6 => 20usize..140, 1 => 180usize..400].prop_flat_map(|slots| of_len(slots, 1..7))
}

/// More people than fit one block of the counters.
pub(crate) fn any_crowd() -> impl Strategy<Value = Naive> {
    (20usize..80).prop_flat_map(|slots| of_len(slots, 7..40))
}

/// Starts by the clock, as jiff reads it.
fn starts(slots: usize, zone: &str, interval: u32) -> Vec<bool> {
    let zone = Zone::parse(zone).unwrap();
    let on_grid = |slot| {
        let time = range(slots).instant(slot).to_zoned(zone.rules().clone()).datetime().time();
        (u32::from(time.hour() as u8) * 60 + u32::from(time.minute() as u8)) % interval == 0
    };
    let starts: Vec<bool> = (0..slots).map(on_grid).collect();
    assert_eq!(set(&starts), interval_starts(range(slots), &zone, TimeOfDay::MIDNIGHT, interval));
    starts
}

/// Across the end of summer time in London.
pub(crate) fn range(slots: usize) -> SlotRange {
    let start: jiff::Timestamp = "2026-10-24T20:00:00Z".parse().unwrap();
    SlotRange::new(start, start + jiff::SignedDuration::from_mins(15 * slots as i64)).unwrap()
}

pub(crate) fn set(slots: &[bool]) -> SlotSet {
    let mut set = SlotSet::empty(slots.len());
    for (slot, _) in slots.iter().enumerate().filter(|(_, there)| **there) {
        set.insert_all(slot..slot + 1);
    }
    set
}

/// The question in the library's words, and what it finds.
pub(crate) fn search<T>(naive: &Naive, read: impl FnOnce(&Question<'_>, &Search<'_>) -> T) -> T {
    let levels: Vec<Levels> =
        naive.people.iter().map(|person| Levels::new(set(&person.yes), set(&person.if_needed))).collect();
    let optional = |slots: &Option<Vec<bool>>| slots.as_deref().map(set);
    let unknown: Vec<Option<SlotSet>> = naive.people.iter().map(|person| optional(&person.unknown)).collect();
    let working: Vec<Option<SlotSet>> = naive.people.iter().map(|person| optional(&person.working)).collect();
    let conflicts: Vec<Option<SlotSet>> =
        naive.people.iter().map(|person| optional(&person.conflicts)).collect();
    let people: Vec<Person<'_>> = (0..naive.people.len())
        .map(|person| Person {
            levels: &levels[person],
            unknown: unknown[person].as_ref(),
            working: working[person].as_ref(),
            conflicts: conflicts[person].as_ref(),
            required: naive.people[person].required,
        })
        .collect();
    let groups: Vec<Group> = naive
        .groups
        .iter()
        .map(|(members, required)| Group { members: members.clone(), required: *required })
        .collect();
    let (candidates, starts) = (set(&naive.candidates), set(&naive.starts));
    let question = Question {
        range: range(naive.slots),
        horizon_slots: naive.asked,
        candidates: &candidates,
        starts: &starts,
        people: &people,
        groups: &groups,
        options: naive.options,
    };
    read(&question, &Search::new(question).unwrap())
}
