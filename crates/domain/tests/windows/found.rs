//! Which windows are found, in which order, with whom, and why there is none.

use domain::{Reason, Status};
use proptest::prelude::*;

use crate::generators::{any_crowd, any_question, search};
use crate::naive::{Naive, comes};

fn agree(naive: &Naive) -> Result<(), TestCaseError> {
    search(naive, |question, search| {
        let found: Vec<_> = search.windows().iter().map(|window| (window.start, window.earliest)).collect();
        prop_assert_eq!(found, naive.best());
        prop_assert_eq!(search.total(), naive.all_valid().len());
        for window in search.windows() {
            let expected: Vec<_> =
                naive.people.iter().map(|person| naive.attendance(person, window.start)).collect();
            let of = |status: Status| expected.iter().filter(|person| person.status == status).count();
            let counts = (window.yes, window.if_needed, window.no, window.unanswered);
            prop_assert_eq!(
                counts,
                (of(Status::Yes), of(Status::IfNeeded), of(Status::No), of(Status::Unanswered))
            );
            prop_assert_eq!(&question.attendance(window.start), &expected);
            for reason in question.reasons(window, &expected) {
                let fits = |person: &usize| match reason {
                    Reason::Everyone | Reason::Earliest => true,
                    Reason::AllRequired(_) => naive.people[*person].required,
                    Reason::Quorum { .. } => comes(expected[*person].status),
                    Reason::OnlyIfNeededOf(_) => expected[*person].status == Status::IfNeeded,
                    Reason::Without(_) => expected[*person].status == Status::No,
                    Reason::OutsideWorkingHoursOf(_) => expected[*person].outside_minutes > 0,
                    Reason::ConflictOf(_) => expected[*person].in_conflict,
                };
                prop_assert!(reason.people().iter().all(fits), "{:?}", reason);
            }
        }
        prop_assert_eq!(search.empty_reason().map(|reason| reason.code()), empty_reason(naive));
        Ok(())
    })
}

/// By the words of the contract, one after the other.
fn empty_reason(naive: &Naive) -> Option<&'static str> {
    if !naive.all_valid().is_empty() {
        return None;
    }
    let asked = |slot: &usize| naive.candidates[*slot];
    let silent = naive.people.iter().all(|person| {
        person
            .unknown
            .as_ref()
            .is_some_and(|unknown| (0..naive.slots).filter(asked).all(|slot| unknown[slot]))
    });
    if silent {
        return Some("no_answers");
    }
    let allowed: Vec<usize> = (0..naive.slots).filter(|&start| naive.allowed(start)).collect();
    if allowed.is_empty() {
        return Some("outside_horizon");
    }
    let mut short = naive.clone();
    short.options.duration_minutes = 15;
    short.options.buffer_before_minutes = 0;
    short.options.buffer_after_minutes = 0;
    let ever_free = (0..naive.slots).filter(asked).any(|slot| short.count(slot, comes) > 0);
    if ever_free && allowed.iter().all(|&start| naive.count(start, comes) == 0) {
        return Some("longer_than_any_free_time");
    }
    let never = |person: &&crate::naive::Person| {
        person.required && allowed.iter().all(|&start| !comes(naive.status(person, start)))
    };
    if naive.people.iter().any(|person| never(&person)) {
        return Some("required_never_free");
    }
    let all_required = |start: &&usize| {
        naive.people.iter().all(|person| !person.required || comes(naive.status(person, **start)))
    };
    let common: Vec<usize> = allowed.iter().filter(all_required).copied().collect();
    let quorums = |start: &usize| {
        naive.groups.iter().all(|(members, required)| {
            members.iter().filter(|&&member| comes(naive.status(&naive.people[member], *start))).count()
                >= *required
        })
    };
    if common.is_empty() || common.iter().any(quorums) {
        Some("no_common_time")
    } else {
        Some("quorum_not_met")
    }
}

proptest! {
    #[test]
    fn the_best_windows_are_those_of_counting_slot_by_slot(naive in any_question()) {
        agree(&naive)?;
    }

    #[test]
    fn many_people_are_counted_as_well_as_few(naive in any_crowd()) {
        agree(&naive)?;
    }
}
