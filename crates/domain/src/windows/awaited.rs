use super::bits::{and, and_not, any, or};
use super::presence::Presence;
use super::rank::Outside;
use super::{Question, Search, Status, Window};

impl Search<'_> {
    /// Those who have not answered and whose answer alone can change which window is first, by their places among the
    /// people, ascending. An answer can make another window first, or the first none because too few are left.
    pub fn awaited(&self) -> Vec<usize> {
        let question = &self.question;
        let undecided =
            (0..question.people.len()).filter(|&person| question.people[person].unknown.is_some());
        let stakes = Stakes::of(self);
        undecided
            .filter(|&person| self.can_end_first(person) || stakes.can_beat_first(self, person))
            .collect()
    }

    /// Whether the first window needs that the person may still come.
    fn can_end_first(&self, person: usize) -> bool {
        self.windows.first().is_some_and(|first| {
            let open = self.question.status(&self.question.people[person], first.start) == Status::Unanswered;
            open && first.coming() + first.unanswered - 1 < self.question.fewest()
        })
    }
}

/// Where one more who comes would change something.
struct Stakes {
    /// The starts at which a meeting would be better than the first.
    better: Vec<u64>,
    /// The starts at which it would be as good but for what is outside working hours and when it is, of which these are
    /// better so far, with what is outside for those who come now.
    equal: Vec<(Outside, usize)>,
    /// The starts at which nobody required is missing, and those at which exactly one is.
    complete: Vec<u64>,
    one_missing: Vec<u64>,
    groups: Vec<Quorum>,
    /// The first window and its time outside working hours.
    first: Option<(Outside, usize)>,
}

/// Where a group has enough members.
struct Quorum {
    /// Whether each person is a member.
    members: Vec<bool>,
    /// The starts at which enough come, and those at which one more would do.
    enough: Vec<u64>,
    nearly: Vec<u64>,
}

impl Stakes {
    fn of(search: &Search<'_>) -> Stakes {
        let (question, tally) = (&search.question, &search.tally);
        let mut open = question.within(&question.allowed(search.slots), search.slots);
        let mut enough = tally.coming.at_least(question.fewest().saturating_sub(1));
        if let Some(undecided) = &tally.open {
            or(&mut enough, &undecided.at_least(2));
        }
        and(&mut open, &enough);
        let first = search.windows.first();
        let (mut better, mut equal) = match first {
            Some(first) => one_more(search, first),
            None => (vec![u64::MAX; open.len()], vec![0; open.len()]),
        };
        if let Some(first) = first {
            open[first.start / 64] &= !(1 << (first.start % 64));
        }
        and(&mut better, &open);
        and(&mut equal, &open);
        let (complete, one_missing) = required_missing(question, search.slots);
        let groups = tally.groups.iter().zip(question.groups).map(|(counts, group)| {
            let mut members = vec![false; question.people.len()];
            group.members.iter().for_each(|&member| members[member] = true);
            let nearly = counts.at_least(group.required.saturating_sub(1));
            Quorum { members, enough: counts.at_least(group.required), nearly }
        });
        let groups = groups.collect();
        let first = first.map(|first| (search.outside_at(first.start), first.start));
        // One more who comes does not make what is outside less.
        let mut equal = question.outside(Presence::Comes, &equal);
        equal.retain(|&start| first.is_some_and(|first| start < first));
        Stakes { better, equal, complete, one_missing, groups, first }
    }

    /// Whether some start beats the first window when this person, and nobody else, now says yes to it.
    fn can_beat_first(&self, search: &Search<'_>, person: usize) -> bool {
        let question = &search.question;
        let own = &question.people[person];
        let mut may = vec![0; self.better.len()];
        let mut comes = may.clone();
        question.starts_of(own, Presence::Possible, search.slots, &mut may);
        question.starts_of(own, Presence::Comes, search.slots, &mut comes);
        and_not(&mut may, &comes);
        let mut required = self.complete.clone();
        if own.required {
            or(&mut required, &self.one_missing);
        }
        and(&mut may, &required);
        for group in &self.groups {
            and(&mut may, if group.members[person] { &group.nearly } else { &group.enough });
        }
        let mut better = may.clone();
        and(&mut better, &self.better);
        any(&better)
            || self.equal.iter().filter(|(_, start)| may[start / 64] >> (start % 64) & 1 == 1).any(
                |&((worst, total), start)| {
                    let own = question.outside_minutes(own, start);
                    let with = (worst.max(own), total + u64::from(own));
                    self.first.is_some_and(|first| (with, start) < first)
                },
            )
    }
}

/// The starts that beat a window when one more says yes, and those that are then as good.
fn one_more(search: &Search<'_>, window: &Window) -> (Vec<u64>, Vec<u64>) {
    let (question, tally) = (&search.question, &search.tally);
    let quality = question.quality(tally, window.start);
    let first = question.first(tally);
    let mut better = first.at_least(quality.first);
    let Some(one_less) = quality.first.checked_sub(1) else {
        return (better, vec![0; tally.required.len()]);
    };
    let (_, nearly) = first.compare(one_less);
    let mut more_come = tally.coming.at_least(quality.coming);
    and(&mut more_come, &nearly);
    or(&mut better, &more_come);
    let (_, mut equal) = tally.coming.compare(quality.coming.saturating_sub(1));
    and(&mut equal, &nearly);
    (better, equal)
}

fn required_missing(question: &Question<'_>, slots: usize) -> (Vec<u64>, Vec<u64>) {
    let words = question.candidates.words().len();
    let (mut one, mut two, mut comes) = (vec![0u64; words], vec![0u64; words], vec![0u64; words]);
    for person in question.people.iter().filter(|person| person.required) {
        question.starts_of(person, Presence::Comes, slots, &mut comes);
        for ((one, two), comes) in one.iter_mut().zip(&mut two).zip(&comes) {
            *two |= *one & !comes;
            *one |= !comes;
        }
    }
    let complete = one.iter().map(|one| !one).collect();
    (complete, one.iter().zip(&two).map(|(one, two)| one & !two).collect())
}
