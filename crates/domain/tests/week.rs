//! The bitmaps against plain sets of (day, hour).

use std::collections::BTreeSet;

use domain::{Preference, Slot, WeekHours, Weekday, suggest};
use proptest::prelude::*;

type Hours = BTreeSet<(usize, u8)>;

fn week(hours: &Hours) -> WeekHours {
    let mut week = WeekHours::EMPTY;
    for &(day, hour) in hours {
        assert!(week.insert(Weekday::ALL[day], hour));
    }
    week
}

fn slots(hours: &Hours) -> Vec<Slot> {
    hours.iter().map(|&(day, hour)| Slot { day: Weekday::ALL[day], hour }).collect()
}

fn any_hours() -> impl Strategy<Value = Hours> {
    prop_oneof![
        prop::collection::btree_set((0..7usize, 0..24u8), 0..168),
        Just(Hours::new()),
        Just((0..7).flat_map(|day| (0..24).map(move |hour| (day, hour))).collect()),
    ]
}

fn any_preference() -> impl Strategy<Value = Preference> {
    prop::sample::select(Preference::ALL.to_vec())
}

proptest! {
    #[test]
    fn what_a_group_shares_is_what_each_of_them_has(people in prop::collection::vec(any_hours(), 1..12)) {
        let expected: Hours = (0..7)
            .flat_map(|day| (0..24).map(move |hour| (day, hour)))
            .filter(|slot| people.iter().all(|person| person.contains(slot)))
            .collect();

        let common = WeekHours::common(people.iter().map(week));

        prop_assert_eq!(common.slots().collect::<Vec<_>>(), slots(&expected));
        prop_assert_eq!(common.count(), expected.len());
        for day in Weekday::ALL {
            let hours: Vec<u8> =
                expected.iter().filter(|slot| Weekday::ALL[slot.0] == day).map(|slot| slot.1).collect();
            prop_assert_eq!(common.hours(day).collect::<Vec<_>>(), hours);
        }
    }

    #[test]
    fn suggestions_are_shared_distinct_and_follow_the_preferences(
        hours in any_hours(),
        preferences in prop::collection::vec(any_preference(), 0..6),
        seed in any::<usize>(),
    ) {
        let candidates = slots(&hours);
        let got = suggest(week(&hours), &preferences, |n| seed % n);

        let mut expected: Vec<Slot> = Vec::new();
        for preference in &preferences {
            let slot = match preference {
                Preference::First => candidates.first(),
                Preference::Last => candidates.last(),
                Preference::Random => candidates.get(seed % candidates.len().max(1)),
            };
            expected.extend(slot.filter(|slot| !expected.contains(slot)));
        }
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn hours_outside_the_day_are_refused() {
    let mut week = WeekHours::EMPTY;
    assert!(!week.insert(Weekday::Monday, 24));
    assert!(!week.insert(Weekday::Monday, 255));
    assert_eq!(week, WeekHours::EMPTY);
    assert!(!WeekHours::FULL.contains(Slot { day: Weekday::Sunday, hour: 24 }));
}

#[test]
fn nobody_shares_nothing() {
    assert_eq!(WeekHours::common([]), WeekHours::EMPTY);
    assert_eq!(WeekHours::FULL.count(), 168);
}

#[test]
fn names_are_read_back_and_days_in_any_case() {
    for day in Weekday::ALL {
        assert_eq!(Weekday::from_name(&day.name().to_uppercase()), Some(day));
    }
    assert_eq!(Weekday::from_name("blursday"), None);
    for preference in Preference::ALL {
        assert_eq!(Preference::from_name(preference.name()), Some(preference));
    }
    assert_eq!(Preference::from_name("First"), None);
}
