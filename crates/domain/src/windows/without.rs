use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::bits::{and, and_not, any};
use super::presence::Presence;
use super::{Change, Question, Search, Status, Unlock};
use crate::time::ones;

/// Most changes of each kind that are named.
const MOST: usize = 10;

/// What a change has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Any window.
    Any,
    /// A window to which everybody comes.
    Everybody,
}

/// How many starts some people alone stand in the way of, and the earliest.
type Blocked = BTreeMap<Vec<usize>, (usize, usize)>;

impl Search<'_> {
    /// Doing without one, and without two who are no help one by one.
    pub(super) fn without(&self, goal: Goal) -> Vec<Unlock> {
        let blocked = self.blocked(goal);
        let (ones, twos): (Vec<_>, Vec<_>) = blocked.into_iter().partition(|(people, _)| people.len() == 1);
        let helps = |person: &usize| ones.iter().any(|(people, _)| people[0] == *person);
        let twos = twos.into_iter().filter(|(people, _)| !people.iter().any(helps)).collect::<Vec<_>>();
        [self.sorted(ones), self.sorted(twos)].concat()
    }

    fn sorted(&self, mut found: Vec<(Vec<usize>, (usize, usize))>) -> Vec<Unlock> {
        let required = |person: &&usize| self.question.people[**person].required;
        found.sort_by_key(|(people, (windows, _))| {
            (people.iter().filter(required).count(), Reverse(*windows))
        });
        let unlocks = found.into_iter().map(|(people, (windows, start))| Unlock {
            change: Change::Without(people),
            windows,
            start,
        });
        unlocks.take(MOST).collect()
    }

    /// Who stands alone, or as one of two, between starts and the goal. Two passes over the people: one counts, up to
    /// three, who is missing at each start, the other says who, if it is one or two anywhere.
    fn blocked(&self, goal: Goal) -> Blocked {
        let question = &self.question;
        let mut open = question.within(&question.allowed(self.slots), self.slots);
        if goal == Goal::Any {
            and(&mut open, &self.tally.quorums(question));
        }
        let blockers: Vec<usize> = (0..question.people.len())
            .filter(|&person| goal == Goal::Everybody || question.people[person].required)
            .collect();
        let few = few_missing(question, &blockers, self.slots, &open);
        if !any(&few) {
            return Blocked::new();
        }
        let mut names: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let (mut away, mut comes) = (vec![0; open.len()], vec![0; open.len()]);
        for &person in &blockers {
            away.copy_from_slice(&few);
            question.starts_of(&question.people[person], Presence::Comes, self.slots, &mut comes);
            and_not(&mut away, &comes);
            for start in ones(&away) {
                names.entry(start).or_default().push(person);
            }
        }
        let mut blocked = Blocked::new();
        for (start, people) in names {
            if self.works_without(goal, start, &people) {
                blocked.entry(people).or_insert((0, start)).0 += 1;
            }
        }
        blocked
    }

    /// Whether those who are left are two, and as many as it needs.
    fn works_without(&self, goal: Goal, start: usize, people: &[usize]) -> bool {
        let question = &self.question;
        if question.people.len() < people.len() + 2 {
            return false;
        }
        match goal {
            Goal::Everybody => question.groups.iter().all(|group| {
                group.members.iter().filter(|member| !people.contains(member)).count() >= group.required
            }),
            Goal::Any => {
                let coming = self.tally.coming.at(start);
                let open = self.tally.open.as_ref().map_or(0, |open| open.at(start));
                let unanswered = |person: &&usize| {
                    question.status(&question.people[**person], start) == Status::Unanswered
                };
                let still_open = open - people.iter().filter(unanswered).count();
                coming >= 2 || (coming == 1 && still_open > 0)
            }
        }
    }
}

/// The starts of `open` at which one or two of these people are missing.
fn few_missing(question: &Question<'_>, people: &[usize], slots: usize, open: &[u64]) -> Vec<u64> {
    let mut comes = vec![0; open.len()];
    let mut missing = vec![[0u64; 3]; open.len()];
    for &person in people {
        question.starts_of(&question.people[person], Presence::Comes, slots, &mut comes);
        let mut left = 0;
        for (([one, two, three], comes), open) in missing.iter_mut().zip(&comes).zip(open) {
            *three |= *two & !comes;
            *two |= *one & !comes;
            *one |= !comes;
            left |= open & !*three;
        }
        // Of many people it takes a few to know that three or more are missing everywhere.
        if left == 0 {
            return vec![0; open.len()];
        }
    }
    missing.iter().zip(open).map(|([one, _, three], open)| one & !three & open).collect()
}
