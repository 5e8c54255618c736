//! At which starts a person comes.

use super::bits::{and, and_not, erode, erode_between, erode_from, or};
use super::{IfNeeded, Person, Question, WorkingHours};
use crate::SlotSet;

/// How sure it is that somebody comes; each is at every start where the one before is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Gladly.
    Yes,
    /// Gladly or if needed.
    Comes,
    /// For all that is known.
    Possible,
}

impl Question<'_> {
    /// Writes the slots at which a person is free.
    pub(crate) fn free(&self, person: &Person<'_>, presence: Presence, words: &mut [u64]) {
        words.copy_from_slice(self.given(person, presence).words());
        if let Some(unknown) = person.unknown.filter(|_| presence == Presence::Possible) {
            or(words, unknown.words());
        }
        if let Some(working) = person.working.filter(|_| self.options.working_hours == WorkingHours::Only) {
            and(words, working.words());
        }
    }

    /// Writes the starts of meetings of so many slots for which a person comes: free throughout, and in the buffers as far
    /// as these are where the meeting may be: about the rest nobody was asked.
    pub(crate) fn starts_of(&self, person: &Person<'_>, presence: Presence, slots: usize, words: &mut [u64]) {
        let as_given = (presence != Presence::Possible || person.unknown.is_none())
            && (person.working.is_none() || self.options.working_hours != WorkingHours::Only);
        if as_given && !self.has_buffers() {
            erode_from(self.given(person, presence).words(), words, slots);
        } else {
            self.free(person, presence, words);
            self.erode_to_starts(slots, words);
        }
    }

    /// The slots at which a person says that they are free.
    pub(crate) fn given<'a>(&self, person: &Person<'a>, presence: Presence) -> &'a SlotSet {
        let only_yes = presence == Presence::Yes || self.options.if_needed == IfNeeded::Never;
        if only_yes { person.levels.yes() } else { person.levels.available() }
    }

    /// Turns slots at which somebody is free into starts of meetings of so many slots.
    pub(crate) fn erode_to_starts(&self, slots: usize, words: &mut [u64]) {
        if !self.has_buffers() {
            return erode(words, slots);
        }
        let mut around = self.candidates.words().to_vec();
        and_not(&mut around, words);
        around.iter_mut().for_each(|word| *word = !*word);
        erode_between(&mut around, self.before_slots(), slots + self.after_slots());
        erode(words, slots);
        and(words, &around);
    }

    /// The starts at which a meeting of so many slots may be at all, in the whole range.
    pub(crate) fn allowed(&self, slots: usize) -> Vec<u64> {
        let mut words = self.candidates.words().to_vec();
        erode(&mut words, slots);
        and(&mut words, self.starts.words());
        words
    }

    /// Those of the starts at which a meeting of so many slots ends within what is asked.
    pub(crate) fn within(&self, starts: &[u64], slots: usize) -> Vec<u64> {
        let mut asked = SlotSet::empty(self.range.len());
        asked.insert_all(0..(self.horizon_slots + 1).saturating_sub(slots));
        let mut words = starts.to_vec();
        and(&mut words, asked.words());
        words
    }
}
