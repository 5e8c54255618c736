//! What of an answer a schedule says otherwise by now.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{
    Answer, Granularity, Hours, Layout, Level, Levels, PollDays, PollTimes, Rule, Schedule, SlotSet,
    TimeOfDay, Weekday, Zone,
};
use proptest::prelude::*;

/// Two days of six hours in New York, between which clocks change.
fn layout() -> Layout {
    let dates = ["2026-03-07", "2026-03-09"].map(|date| date.parse().unwrap());
    laid_out(PollDays::Dates(dates.into()), "America/New_York")
}

fn laid_out(days: PollDays, zone: &str) -> Layout {
    let [from, to] = ["20:00", "02:00"].map(|text| TimeOfDay::parse(text).unwrap());
    let times = PollTimes::new(days, Zone::parse(zone).unwrap(), from, to, Granularity::Half).unwrap();
    let dates = times.dates(jiff::civil::date(2026, 1, 5), 1);
    Layout::new(&times, &dates).unwrap()
}

fn slots(len: usize, at: &[usize]) -> SlotSet {
    let mut slots = SlotSet::empty(len);
    at.iter().filter(|&&slot| slot < len).for_each(|&slot| slots.insert_all(slot..slot + 1));
    slots
}

fn levels() -> impl Strategy<Value = Levels> {
    let len = layout().range().len();
    let some = move || prop::collection::vec(0..len, 0..len);
    (some(), some()).prop_map(move |(yes, if_needed)| Levels::new(slots(len, &yes), slots(len, &if_needed)))
}

proptest! {
    #[test]
    fn conflicts_are_the_slots_that_answering_anew_takes_away(said in levels(), now in levels()) {
        let layout = layout();
        let (answer, anew) = (Answer::of_levels(&layout, said), Answer::of_levels(&layout, now.clone()));
        let conflicts = answer.conflicts(&now);
        for slot in 0..layout.range().len() {
            let is_taken_away = answer.levels.at(slot).is_some() && anew.levels.at(slot).is_none();
            prop_assert_eq!(conflicts.contains(slot), is_taken_away, "{}", slot);
        }
        prop_assert!(anew.conflicts(&now).is_empty(), "a new answer has none");
    }

    #[test]
    fn a_slot_about_which_nobody_was_asked_is_none(said in levels(), now in levels(), asked in 0..100_usize) {
        let layout = layout();
        let mut answer = Answer::of_levels(&layout, said);
        answer.asked.remove_all(0..asked);
        prop_assert!(answer.conflicts(&now).slots().all(|slot| slot >= asked));
    }

    #[test]
    fn hours_of_the_week_are_the_slots_again(at in prop::collection::vec(0..700_usize, 0..60)) {
        let layout = laid_out(PollDays::Weekly(vec![Weekday::Monday, Weekday::Sunday]), "Asia/Kathmandu");
        let mut given = slots(layout.range().len(), &at);
        given.intersect(layout.candidates());
        let zone = Zone::parse("Asia/Kathmandu").unwrap();
        let hours: Vec<Rule> =
            zone.weekly_hours(layout.range(), &given).into_iter().map(|hours| hours.at(Level::Yes)).collect();
        let mut again = Schedule::new(zone, &hours, &[], &[]).levels(layout.range()).yes().clone();
        again.intersect(layout.candidates());
        prop_assert_eq!(again, given);
    }
}

#[test]
fn hours_of_the_week_are_merged_over_midnight() {
    let layout = laid_out(PollDays::Weekly(vec![Weekday::Sunday]), "Europe/Berlin");
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let [from, to] = ["20:00", "02:00"].map(|text| TimeOfDay::parse(text).unwrap());
    let hours = zone.weekly_hours(layout.range(), layout.candidates());
    assert_eq!(hours, [Hours::new(Weekday::Sunday, from, to).unwrap()]);
}
