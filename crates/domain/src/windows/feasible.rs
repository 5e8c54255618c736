//! At which starts there can be a meeting at all, without counting who comes.

use super::Question;
use super::bits::{and, and_not, any, or};
use super::counter::Counter;
use super::presence::Presence;

impl Question<'_> {
    /// The starts in the whole range at which a meeting of so many slots can be: what [`super::tally::Tally::valid`] says,
    /// for a fraction of the work.
    pub(crate) fn feasible(&self, slots: usize) -> Vec<u64> {
        let mut starts = self.allowed(slots);
        let words = starts.len();
        let (mut one, mut two, mut comes, mut open) =
            (vec![0; words], vec![0; words], vec![0; words], vec![0; words]);
        let mut possible = vec![0; words];
        for person in self.people {
            self.starts_of(person, Presence::Comes, slots, &mut comes);
            if person.required {
                and(&mut starts, &comes);
            }
            for ((one, two), comes) in one.iter_mut().zip(&mut two).zip(&comes) {
                *two |= *one & comes;
                *one |= comes;
            }
            if person.unknown.is_some() {
                self.starts_of(person, Presence::Possible, slots, &mut possible);
                and_not(&mut possible, &comes);
                or(&mut open, &possible);
            }
        }
        and(&mut starts, &one);
        if self.fewest() > 1 {
            or(&mut two, &open);
            and(&mut starts, &two);
        }
        for group in self.groups {
            let mut counter = Counter::new(words, group.members.len());
            for &member in &group.members {
                counter.add(|words| self.starts_of(&self.people[member], Presence::Comes, slots, words));
            }
            and(&mut starts, &counter.done().at_least(group.required));
        }
        starts
    }

    /// The slots at which everybody is free.
    pub(crate) fn all_free(&self) -> Vec<u64> {
        let words = self.candidates.words().len();
        let (mut all, mut free) = (vec![u64::MAX; words], vec![0; words]);
        for person in self.people {
            self.free(person, Presence::Comes, &mut free);
            and(&mut all, &free);
            if !any(&all) {
                break;
            }
        }
        all
    }

    /// The starts in the whole range of meetings of so many slots to which everybody comes, from the slots at which
    /// everybody is free.
    pub(crate) fn everybody(&self, all_free: &[u64], slots: usize) -> Vec<u64> {
        let mut starts = all_free.to_vec();
        self.erode_to_starts(slots, &mut starts);
        and(&mut starts, &self.allowed(slots));
        starts
    }
}
