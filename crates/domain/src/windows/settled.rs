//! What those who have not answered can still change.

use super::bits::{and, and_not, any, or};
use super::counter::{Counter, Counts};
use super::presence::Presence;
use super::rank::Outside;
use super::{IfNeeded, Question, Search, Window};

impl Search<'_> {
    /// Whether the first window stays first whatever those say who have not answered: it can be without them, and no
    /// other beats it even when they all say yes to that. Without a window nothing is settled.
    pub fn settled(&self) -> bool {
        let Some(first) = self.windows.first() else { return false };
        if self.tally.open.is_none() {
            return true;
        }
        if first.coming() < self.question.fewest() {
            return false;
        }
        let bound = Bound::of(&self.question, self.slots);
        let (better, equal) = bound.against(self, first);
        let first = (self.outside_at(first.start), first.start);
        !any(&better)
            && !self.question.outside(Presence::Possible, &equal).into_iter().any(|other| other < first)
    }

    /// Minutes outside working hours of those who come to a start.
    pub(super) fn outside_at(&self, start: usize) -> Outside {
        let mut only = crate::SlotSet::empty(self.question.range.len());
        only.insert_all(start..start + 1);
        self.question.outside(Presence::Comes, only.words()).first().map_or((0, 0), |(outside, _)| *outside)
    }
}

/// The best that every start can become.
struct Bound {
    yes: Counts,
    coming: Counts,
    possible: Vec<u64>,
}

impl Bound {
    fn of(question: &Question<'_>, slots: usize) -> Bound {
        let words = question.candidates.words().len();
        let mut possible = question.within(&question.allowed(slots), slots);
        let (mut yes, mut coming) =
            (Counter::new(words, question.people.len()), Counter::new(words, question.people.len()));
        let mut comes = vec![0; words];
        for person in question.people {
            question.starts_of(person, Presence::Comes, slots, &mut comes);
            let may = coming.add(|words| question.starts_of(person, Presence::Possible, slots, words));
            if person.required {
                and(&mut possible, may);
            }
            let mut with_yes = may.to_vec();
            and_not(&mut with_yes, &comes);
            yes.add(|words| {
                question.starts_of(person, Presence::Yes, slots, words);
                or(words, &with_yes);
            });
        }
        for group in question.groups {
            let mut counter = Counter::new(words, group.members.len());
            for &member in &group.members {
                let person = &question.people[member];
                counter.add(|words| question.starts_of(person, Presence::Possible, slots, words));
            }
            and(&mut possible, &counter.done().at_least(group.required));
        }
        let coming = coming.done();
        and(&mut possible, &coming.at_least(question.fewest()));
        Bound { yes: yes.done(), coming, possible }
    }

    /// The starts that can beat a window, and those that can be as good but for what is outside and when they are.
    fn against(&self, search: &Search<'_>, window: &Window) -> (Vec<u64>, Vec<u64>) {
        let quality = search.question.quality(&search.tally, window.start);
        let equally = search.question.options.if_needed == IfNeeded::Equal;
        let first = if equally { &self.coming } else { &self.yes };
        let (mut better, equal_first) = first.compare(quality.first);
        let (mut more_come, mut equal) = self.coming.compare(quality.coming);
        and(&mut more_come, &equal_first);
        or(&mut better, &more_come);
        and(&mut equal, &equal_first);
        let mut others = self.possible.clone();
        others[window.start / 64] &= !(1 << (window.start % 64));
        and(&mut better, &others);
        and(&mut equal, &others);
        (better, equal)
    }
}
