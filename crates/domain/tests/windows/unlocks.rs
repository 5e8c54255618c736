//! Unlocks against asking again for every change.

use domain::{Change, IfNeeded, Unlock};
use proptest::prelude::*;

use crate::generators::{any_question, search};
use crate::naive::{Naive, comes};

const MOST: usize = 10;

fn unlocks(naive: &Naive) -> Vec<Unlock> {
    let some = naive.first().is_some();
    let goal = |naive: &Naive| if some { naive.everybody() } else { naive.all_valid() };
    let now = goal(naive);
    let gives = |change: Change, asked: &Naive| {
        let starts: Vec<usize> = goal(asked).into_iter().filter(|start| !now.contains(start)).collect();
        starts.first().map(|&start| Unlock { change, windows: starts.len(), start })
    };
    let mut found = Vec::new();
    if naive.first().is_some_and(|first| naive.count(first, comes) == naive.people.len()) {
        return found;
    }
    if naive.options.if_needed == IfNeeded::Never {
        let mut counting = naive.clone();
        counting.options.if_needed = IfNeeded::LastResort;
        found.extend(gives(Change::CountIfNeeded, &counting));
    }
    found.extend(without(naive, &gives));
    for slots in (1..naive.length()).rev() {
        let mut shorter = naive.clone();
        shorter.options.duration_minutes = slots as u32 * 15;
        let change = Change::Shorter { duration_minutes: slots as u32 * 15 };
        if let Some(unlock) = gives(change, &shorter) {
            found.push(unlock);
            break;
        }
    }
    let mut later = naive.clone();
    while later.asked < naive.slots {
        later.asked = (later.asked + 96).min(naive.slots);
        if let Some(unlock) = gives(Change::Later { to: later.asked }, &later) {
            found.push(unlock);
            break;
        }
    }
    found
}

fn without(naive: &Naive, gives: &dyn Fn(Change, &Naive) -> Option<Unlock>) -> Vec<Unlock> {
    let people = naive.people.len();
    let doing = |gone: Vec<usize>| {
        (people >= gone.len() + 2)
            .then(|| naive.without(&gone))
            .and_then(|left| gives(Change::Without(gone), &left))
    };
    let who = |unlock: &Unlock| match &unlock.change {
        Change::Without(people) => people.clone(),
        _ => Vec::new(),
    };
    let mut ones: Vec<Unlock> = (0..people).filter_map(|person| doing(vec![person])).collect();
    let helpful: Vec<usize> = ones.iter().flat_map(who).collect();
    let rest: Vec<usize> = (0..people).filter(|person| !helpful.contains(person)).collect();
    let pairs = rest
        .iter()
        .flat_map(|&one| rest.iter().filter(move |&&two| two > one).map(move |&two| vec![one, two]));
    let mut twos: Vec<Unlock> = pairs.filter_map(doing).collect();
    for found in [&mut ones, &mut twos] {
        found.sort_by_key(|unlock| {
            let required = who(unlock).iter().filter(|&&person| naive.people[person].required).count();
            (required, std::cmp::Reverse(unlock.windows))
        });
        found.truncate(MOST);
    }
    [ones, twos].concat()
}

proptest! {
    #[test]
    fn unlocks_are_what_asking_again_finds(naive in any_question()) {
        search(&naive, |_, search| {
            prop_assert_eq!(search.unlocks(), unlocks(&naive));
            Ok(())
        })?;
    }
}
