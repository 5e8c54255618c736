use super::bits::{and_not, any};
use super::without::Goal;
use super::{IfNeeded, Options, Question, Search};
use crate::SLOT_MINUTES;
use crate::time::{DAY_SLOTS, ones};

/// A change of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To count `if needed` as coming.
    CountIfNeeded,
    /// To do without these, by their places among the people.
    Without(Vec<usize>),
    /// To meet for less long.
    Shorter {
        /// Minutes, a multiple of a slot.
        duration_minutes: u32,
    },
    /// To look further ahead.
    Later {
        /// The slot of the range up to which: whole days more than was asked about, or the range's end.
        to: usize,
    },
}

impl Change {
    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Change::CountIfNeeded => "count_if_needed",
            Change::Without(_) => "without",
            Change::Shorter { .. } => "shorter",
            Change::Later { .. } => "later",
        }
    }
}

/// What a change would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlock {
    /// The change.
    pub change: Change,
    /// How many starts it adds, those of overlapping windows too: when there is no window now, at which the meeting can be;
    /// else to which everybody comes, but for those it would do without.
    pub windows: usize,
    /// The earliest of them, a slot of the range.
    pub start: usize,
}

impl Search<'_> {
    /// The smallest changes that give windows where there is none, or more windows to which everybody comes when somebody
    /// does not come to the first. The least intrusive is first: counting `if needed`; doing
    /// without one, then without two who do not help one by one (the optional before the required, then those who give
    /// more windows; at most ten each); a shorter meeting; looking further ahead. None is without fewer than two people.
    pub fn unlocks(&self) -> Vec<Unlock> {
        let question = &self.question;
        let goal = if any(&self.valid) { Goal::Everybody } else { Goal::Any };
        let all_free = if goal == Goal::Everybody { question.all_free() } else { Vec::new() };
        let starts_of = |question: &Question<'_>, all_free: &[u64], slots: usize| match goal {
            Goal::Any => question.feasible(slots),
            Goal::Everybody => question.everybody(all_free, slots),
        };
        let everywhere = match goal {
            Goal::Any => self.everywhere.clone(),
            Goal::Everybody => question.everybody(&all_free, self.slots),
        };
        let mut found = Vec::new();
        if self.windows.first().is_some_and(|first| first.coming() == question.people.len()) {
            return found;
        }
        let now = question.within(&everywhere, self.slots);
        let added = |mut starts: Vec<u64>, slots: usize| {
            starts = question.within(&starts, slots);
            and_not(&mut starts, &now);
            starts
        };
        if question.options.if_needed == IfNeeded::Never {
            let options = Options { if_needed: IfNeeded::LastResort, ..question.options };
            let counting = Question { options, ..*question };
            let all_free = if goal == Goal::Everybody { counting.all_free() } else { Vec::new() };
            let starts = starts_of(&counting, &all_free, self.slots);
            found.extend(unlock(Change::CountIfNeeded, &added(starts, self.slots)));
        }
        found.extend(self.without(goal));
        found.extend(self.shorter(|slots| added(starts_of(question, &all_free, slots), slots)));
        found.extend(self.later(&everywhere));
        found
    }

    /// The longest shorter meeting that gives something: what fits a meeting fits a shorter one too.
    fn shorter(&self, starts_of: impl Fn(usize) -> Vec<u64>) -> Option<Unlock> {
        let (mut fits, mut too_long) = (0, self.slots);
        let mut best = None;
        while too_long - fits > 1 {
            let slots = fits.midpoint(too_long);
            let change = Change::Shorter { duration_minutes: slots as u32 * SLOT_MINUTES };
            match unlock(change, &starts_of(slots)) {
                Some(unlock) => (fits, best) = (slots, Some(unlock)),
                None => too_long = slots,
            }
        }
        best
    }

    fn later(&self, everywhere: &[u64]) -> Option<Unlock> {
        let question = &self.question;
        let mut beyond = everywhere.to_vec();
        and_not(&mut beyond, &question.within(everywhere, self.slots));
        let first = ones(&beyond).next()?;
        let days = (first + self.slots - question.horizon_slots).div_ceil(DAY_SLOTS as usize);
        let to = (question.horizon_slots + days * DAY_SLOTS as usize).min(question.range.len());
        let windows = ones(&beyond).take_while(|start| start + self.slots <= to).count();
        Some(Unlock { change: Change::Later { to }, windows, start: first })
    }
}

fn unlock(change: Change, starts: &[u64]) -> Option<Unlock> {
    let start = ones(starts).next()?;
    Some(Unlock { change, windows: starts.iter().map(|word| word.count_ones() as usize).sum(), start })
}
