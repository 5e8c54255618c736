use crate::windows::Presence;
use crate::{Attendance, Person, Question, Status};

use super::Repeat;

/// The starts at which a person comes, for looking up one after the other.
pub(super) struct Starts {
    yes: Vec<u64>,
    comes: Vec<u64>,
    possible: Vec<u64>,
}

impl Starts {
    pub(super) fn empty(question: &Question<'_>) -> Starts {
        let none = vec![0; question.candidates.words().len()];
        Starts { yes: none.clone(), comes: none.clone(), possible: none }
    }

    pub(super) fn load(&mut self, question: &Question<'_>, person: &Person<'_>) {
        let slots = question.meeting_slots();
        question.starts_of(person, Presence::Yes, slots, &mut self.yes);
        question.starts_of(person, Presence::Comes, slots, &mut self.comes);
        question.starts_of(person, Presence::Possible, slots, &mut self.possible);
    }

    fn at(&self, start: Option<usize>) -> Status {
        let Some(start) = start else { return Status::No };
        let there = |words: &[u64]| words[start / 64] >> (start % 64) & 1 == 1;
        if there(&self.yes) {
            Status::Yes
        } else if there(&self.comes) {
            Status::IfNeeded
        } else if there(&self.possible) {
            Status::Unanswered
        } else {
            Status::No
        }
    }
}

/// How a person stands to a time of the week: as in most of its weeks, of equally many the worse; and the most minutes
/// outside their working hours, and whether they are in conflict, in any week in which they come. Also says in which weeks it is worse than that.
pub(super) fn typical(
    question: &Question<'_>,
    person: &Person<'_>,
    starts: &Starts,
    repeat: &Repeat,
    mut worse_in: impl FnMut(usize),
) -> Attendance {
    let mut weeks = [0usize; 4];
    for (_, start) in &repeat.weeks {
        weeks[order(starts.at(*start))] += 1;
    }
    let most = (0..weeks.len()).max_by_key(|&order| (weeks[order], order)).unwrap_or_default();
    let (mut outside_minutes, mut in_conflict) = (0, false);
    for (week, (_, start)) in repeat.weeks.iter().enumerate() {
        let here = order(starts.at(*start));
        if here > most {
            worse_in(week);
        }
        let comes = here <= order(Status::IfNeeded) && most <= order(Status::IfNeeded);
        let Some(start) = start.filter(|_| comes) else { continue };
        if person.working.is_some() {
            outside_minutes = outside_minutes.max(question.outside_minutes(person, start));
        }
        in_conflict |= question.in_conflict(person, start);
    }
    Attendance { status: ORDER[most], outside_minutes, in_conflict }
}

const ORDER: [Status; 4] = [Status::Yes, Status::IfNeeded, Status::Unanswered, Status::No];

/// The better, the less.
fn order(status: Status) -> usize {
    status as usize
}
