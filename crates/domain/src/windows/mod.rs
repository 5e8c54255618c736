//! When a group can meet: all windows counted at once in bitmaps, the best of them, why they are, and what would give
//! better ones.

mod awaited;
mod bits;
mod counter;
mod empty;
mod feasible;
mod presence;
mod question;
mod rank;
mod reasons;
mod settled;
mod starts;
mod status;
mod tally;
mod unlocks;
mod without;

use tally::Tally;

pub(crate) use presence::Presence;

pub use empty::EmptyReason;
pub use question::{Group, IfNeeded, Options, Person, Question, WorkingHours};
pub use reasons::Reason;
pub use starts::interval_starts;
pub use status::{Attendance, Status, Window};
pub use unlocks::{Change, Unlock};

/// A question with everything counted that answers to it are read from.
pub struct Search<'a> {
    question: Question<'a>,
    tally: Tally,
    /// Slots of the meeting.
    slots: usize,
    /// The starts in the whole range at which the meeting can be, and those of them within what is asked.
    everywhere: Vec<u64>,
    valid: Vec<u64>,
    windows: Vec<Window>,
}

impl<'a> Search<'a> {
    /// Looks at all starts. The bitmaps of a question are of one length, that of its range.
    ///
    /// # Errors
    /// When they are not, or a group names a person who is not there.
    pub fn new(question: Question<'a>) -> Result<Search<'a>, BadQuestion> {
        question.check()?;
        let slots = question.meeting_slots();
        let tally = Tally::of(&question, slots);
        let everywhere = tally.valid(&question, slots);
        let valid = question.within(&everywhere, slots);
        let windows = question.best(&tally, &valid);
        Ok(Search { question, tally, slots, everywhere, valid, windows })
    }

    /// The question.
    pub fn question(&self) -> &Question<'a> {
        &self.question
    }

    /// How many starts there are at which the meeting can be, those of overlapping windows too.
    pub fn total(&self) -> usize {
        self.valid.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the meeting can start at a slot.
    pub(crate) fn can_start(&self, start: usize) -> bool {
        self.valid[start / 64] >> (start % 64) & 1 == 1
    }

    /// The best windows in their order: most `yes`, then most `if needed`, then the least time outside working hours of
    /// the one who has most of it, then of all, then the earliest.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }
}

/// Why a question cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuestion {
    /// A bitmap is not of the question's range.
    #[error("a bitmap has {slots} slots, and the range {expected}")]
    Length {
        /// Slots of the bitmap.
        slots: usize,
        /// Slots of the range.
        expected: usize,
    },
    /// A group has a member who is not among the people.
    #[error("a group names person {0}, who is not there")]
    NoSuchPerson(usize),
}

impl Question<'_> {
    fn check(&self) -> Result<(), BadQuestion> {
        let of_people = self.people.iter().flat_map(|person| {
            let optional = [person.unknown, person.working].into_iter().flatten();
            optional.chain([person.levels.yes(), person.levels.available()])
        });
        let expected = self.range.len();
        let wrong =
            [self.candidates, self.starts].into_iter().chain(of_people).find(|set| set.len() != expected);
        if let Some(set) = wrong {
            return Err(BadQuestion::Length { slots: set.len(), expected });
        }
        let mut members = self.groups.iter().flat_map(|group| &group.members);
        match members.find(|&&member| member >= self.people.len()) {
            Some(&member) => Err(BadQuestion::NoSuchPerson(member)),
            None => Ok(()),
        }
    }
}
