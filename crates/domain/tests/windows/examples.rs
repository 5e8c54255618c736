//! Cases by hand.

use domain::{Change, Options};

use crate::generators::search;
use crate::naive::{Naive, Person};

/// A person who says yes (`#`), if needed (`+`) and no (`.`), a letter a slot.
fn person(says: &str) -> Person {
    let slots = |level| says.chars().map(|said| said == level).collect();
    Person {
        yes: slots('#'),
        if_needed: slots('+'),
        unknown: None,
        working: None,
        conflicts: None,
        required: false,
    }
}

fn question(candidates: &str, people: &[&str], options: Options) -> Naive {
    let slots = candidates.len();
    Naive {
        slots,
        asked: slots,
        candidates: candidates.chars().map(|slot| slot == '#').collect(),
        starts: vec![true; slots],
        people: people.iter().map(|says| person(says)).collect(),
        groups: Vec::new(),
        options,
    }
}

#[test]
fn buffers_outside_of_what_is_asked_do_not_block() {
    let options = Options {
        duration_minutes: 30,
        buffer_before_minutes: 30,
        buffer_after_minutes: 15,
        ..Options::default()
    };
    let found = |candidates, people: &[&str]| {
        search(&question(candidates, people, options), |_, search| {
            search.windows().iter().map(|window| window.start).collect::<Vec<_>>()
        })
    };
    assert_eq!(found("####", &["####", "####"]), [0, 2], "at both ends of the range");
    assert_eq!(found("..##..", &["..##..", "..##.."]), [2], "between what is not asked about");
    assert_eq!(found("######", &[".#####", "######"]), [3], "a no that was asked for blocks");
}

#[test]
fn what_would_help_is_said_though_everybody_comes_to_a_worse_window() {
    let options = Options { duration_minutes: 15, ..Options::default() };
    let naive = question("###", &["#+#", "#+#", ".+."], options);
    search(&naive, |_, search| {
        let first = &search.windows()[0];
        assert_eq!((first.start, first.yes, first.no), (0, 2, 1));
        let [without] = &search.unlocks()[..] else { panic!("{:?}", search.unlocks()) };
        assert_eq!((&without.change, without.windows, without.start), (&Change::Without(vec![2]), 2, 0));
    });
}

#[test]
fn nothing_is_to_be_unlocked_where_everybody_comes_first() {
    let naive =
        question("###", &["##.", "#..", "##."], Options { duration_minutes: 15, ..Options::default() });
    search(&naive, |_, search| assert_eq!(search.unlocks(), []));
}
