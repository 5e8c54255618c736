//! What is settled and who is awaited, against answers given in full.

use domain::Status;
use proptest::prelude::*;

use crate::generators::{any_question, search};
use crate::naive::Naive;

/// The starts of meetings to which somebody could say yes, and to no other.
fn spans(naive: &Naive) -> Vec<std::ops::Range<usize>> {
    let before = naive.options.buffer_before_minutes.div_ceil(15) as usize;
    let after = naive.options.buffer_after_minutes.div_ceil(15) as usize;
    let starts = (0..naive.slots).filter(|&start| naive.allowed(start));
    starts.map(|start| start.saturating_sub(before)..start + naive.length() + after).collect()
}

fn undecided(naive: &Naive) -> Vec<usize> {
    (0..naive.people.len()).filter(|&person| naive.people[person].unknown.is_some()).collect()
}

/// Whether nothing at all is known of those who have not answered: then the bounds are exact.
fn exact(naive: &Naive, people: &[usize]) -> bool {
    people.iter().all(|&person| {
        let unknown = naive.people[person].unknown.as_deref().unwrap();
        unknown.iter().zip(&naive.candidates).all(|(unknown, asked)| unknown == asked)
    })
}

fn all_answered(naive: &Naive, says: &dyn Fn(usize, usize) -> Option<Status>) -> Naive {
    undecided(naive)
        .into_iter()
        .fold(naive.clone(), |after, person| after.answered(person, |slot| says(person, slot)))
}

const ANSWERS: [Option<Status>; 3] = [None, Some(Status::Yes), Some(Status::IfNeeded)];

proptest! {
    #[test]
    fn what_is_settled_stays_whatever_is_said(
        naive in any_question(), said in prop::collection::vec(prop::collection::vec(0usize..3, 400), 7),
    ) {
        let settled = search(&naive, |_, search| search.settled());
        let first = naive.first();
        let mut changes = all_answered(&naive, &|_, _| None).first() != first;
        for span in spans(&naive) {
            let says_yes = |_, slot: usize| span.contains(&slot).then_some(Status::Yes);
            changes |= all_answered(&naive, &says_yes).first() != first;
        }
        let somehow = all_answered(&naive, &|person, slot| ANSWERS[said[person][slot]]).first() != first;
        let coarse = all_answered(&naive, &|person, slot| ANSWERS[said[person][slot / 16]]).first() != first;
        prop_assert!(!(settled && (changes || somehow || coarse)), "settled, and yet it changes");
        if exact(&naive, &undecided(&naive)) && first.is_some() {
            prop_assert_eq!(settled, !changes);
        }
    }

    #[test]
    fn awaited_are_those_whose_answer_alone_can_change_the_first(
        naive in any_question(), said in prop::collection::vec(0usize..3, 400),
    ) {
        let awaited = search(&naive, |_, search| search.awaited());
        let first = naive.first();
        for person in undecided(&naive) {
            let differs = |says: &dyn Fn(usize) -> Option<Status>| naive.answered(person, says).first() != first;
            let mut changes = differs(&|_| None);
            for span in spans(&naive) {
                changes |= differs(&|slot| span.contains(&slot).then_some(Status::Yes));
            }
            let somehow = differs(&|slot| ANSWERS[said[slot]]) || differs(&|slot| ANSWERS[said[slot / 16]]);
            let named = awaited.contains(&person);
            prop_assert!(named || !(changes || somehow), "person {} is not awaited", person);
            if exact(&naive, &[person]) {
                prop_assert_eq!(named, changes, "person {}", person);
            }
        }
        prop_assert!(awaited.iter().all(|person| undecided(&naive).contains(person)));
    }
}
