//! The same questions asked slot by slot and person by person: slow, and too simple to be wrong in the same way.

use domain::{Attendance, IfNeeded, Options, Status, WorkingHours};

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) yes: Vec<bool>,
    pub(crate) if_needed: Vec<bool>,
    pub(crate) unknown: Option<Vec<bool>>,
    pub(crate) working: Option<Vec<bool>>,
    pub(crate) conflicts: Option<Vec<bool>>,
    pub(crate) required: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Naive {
    pub(crate) slots: usize,
    pub(crate) asked: usize,
    pub(crate) candidates: Vec<bool>,
    pub(crate) starts: Vec<bool>,
    pub(crate) people: Vec<Person>,
    /// Members, and how many of them must come.
    pub(crate) groups: Vec<(Vec<usize>, usize)>,
    pub(crate) options: Options,
}

/// What is compared, the least first.
pub(crate) type Key = (i64, i64, u32, u64, usize);

impl Naive {
    pub(crate) fn length(&self) -> usize {
        self.options.duration_minutes.div_ceil(15).max(1) as usize
    }

    pub(crate) fn status(&self, person: &Person, start: usize) -> Status {
        let before = self.options.buffer_before_minutes.div_ceil(15) as usize;
        let after = self.options.buffer_after_minutes.div_ceil(15) as usize;
        let meeting = start..start + self.length();
        if meeting.end > self.slots {
            return Status::No;
        }
        let mut worst = Status::Yes;
        for slot in start.saturating_sub(before)..(meeting.end + after).min(self.slots) {
            if !meeting.contains(&slot) && !self.candidates[slot] {
                continue;
            }
            let outside = person.working.as_ref().is_some_and(|working| !working[slot]);
            let here = if outside && self.options.working_hours == WorkingHours::Only {
                Status::No
            } else if person.yes[slot] {
                Status::Yes
            } else if person.if_needed[slot] && self.options.if_needed != IfNeeded::Never {
                Status::IfNeeded
            } else if person.unknown.as_ref().is_some_and(|unknown| unknown[slot]) {
                Status::Unanswered
            } else {
                Status::No
            };
            let rank = |status| match status {
                Status::Yes => 0,
                Status::IfNeeded => 1,
                Status::Unanswered => 2,
                Status::No => 3,
            };
            if rank(here) > rank(worst) {
                worst = here;
            }
        }
        worst
    }

    pub(crate) fn attendance(&self, person: &Person, start: usize) -> Attendance {
        let status = self.status(person, start);
        let mut outside_minutes = 0;
        if comes(status) && self.options.working_hours != WorkingHours::Ignore {
            for minute in 0..self.options.duration_minutes {
                let slot = start + (minute / 15) as usize;
                outside_minutes += u32::from(person.working.as_ref().is_some_and(|working| !working[slot]));
            }
        }
        let mut meeting = start..start + self.length();
        let conflicts = person.conflicts.as_ref().filter(|_| comes(status));
        let in_conflict = conflicts.is_some_and(|conflicts| meeting.any(|slot| conflicts[slot]));
        Attendance { status, outside_minutes, in_conflict }
    }

    pub(crate) fn count(&self, start: usize, wanted: impl Fn(Status) -> bool) -> usize {
        self.people.iter().filter(|person| wanted(self.status(person, start))).count()
    }

    pub(crate) fn allowed(&self, start: usize) -> bool {
        let end = start + self.length();
        end <= self.asked && self.starts[start] && (start..end).all(|slot| self.candidates[slot])
    }

    pub(crate) fn valid(&self, start: usize) -> bool {
        let fewest = self.people.len().min(2);
        let coming = self.count(start, comes);
        let open = self.count(start, |status| status == Status::Unanswered);
        self.allowed(start)
            && coming >= 1
            && coming + open >= fewest
            && self.people.iter().all(|person| !person.required || comes(self.status(person, start)))
            && self.groups.iter().all(|(members, required)| {
                members.iter().filter(|&&member| comes(self.status(&self.people[member], start))).count()
                    >= *required
            })
    }

    pub(crate) fn all_valid(&self) -> Vec<usize> {
        (0..self.slots).filter(|&start| self.valid(start)).collect()
    }

    pub(crate) fn everybody(&self) -> Vec<usize> {
        let all = self.people.len();
        self.all_valid().into_iter().filter(|&start| self.count(start, comes) == all).collect()
    }

    pub(crate) fn key(&self, start: usize) -> Key {
        let coming = self.count(start, comes) as i64;
        let yes = self.count(start, |status| status == Status::Yes) as i64;
        let outside: Vec<u32> =
            self.people.iter().map(|person| self.attendance(person, start).outside_minutes).collect();
        let first = if self.options.if_needed == IfNeeded::Equal { coming } else { yes };
        let worst = outside.iter().copied().max().unwrap_or_default();
        (-first, -coming, worst, outside.iter().map(|&minutes| u64::from(minutes)).sum(), start)
    }

    /// The starts of the best windows, and whether each is the earliest of equals.
    pub(crate) fn best(&self) -> Vec<(usize, bool)> {
        let mut keys: Vec<Key> = self.all_valid().into_iter().map(|start| self.key(start)).collect();
        keys.sort_unstable();
        let mut best: Vec<(usize, bool)> = Vec::new();
        for key in &keys {
            let overlaps = best.iter().any(|(start, _)| start.abs_diff(key.4) < self.length());
            if best.len() < self.options.max_windows && (self.options.overlapping || !overlaps) {
                let equal =
                    |other: &&Key| (other.0, other.1, other.2, other.3) == (key.0, key.1, key.2, key.3);
                let equals: Vec<_> = keys.iter().filter(equal).collect();
                best.push((key.4, equals.len() > 1 && equals[0].4 == key.4));
            }
        }
        best
    }

    pub(crate) fn first(&self) -> Option<usize> {
        self.all_valid().into_iter().min_by_key(|&start| self.key(start))
    }

    /// The same question without these people.
    pub(crate) fn without(&self, gone: &[usize]) -> Naive {
        let left: Vec<usize> = (0..self.people.len()).filter(|person| !gone.contains(person)).collect();
        let groups = self.groups.iter().map(|(members, required)| {
            let members = members.iter().filter_map(|member| left.iter().position(|person| person == member));
            (members.collect(), *required)
        });
        Naive {
            people: left.iter().map(|&person| self.people[person].clone()).collect(),
            groups: groups.collect(),
            ..self.clone()
        }
    }

    /// The same question when a person has said this about what was unknown.
    pub(crate) fn answered(&self, person: usize, says: impl Fn(usize) -> Option<Status>) -> Naive {
        let mut after = self.clone();
        let own = &mut after.people[person];
        if let Some(unknown) = own.unknown.take() {
            for slot in (0..self.slots).filter(|&slot| unknown[slot]) {
                if own.yes[slot] || own.if_needed[slot] {
                    continue;
                }
                own.yes[slot] = says(slot) == Some(Status::Yes);
                own.if_needed[slot] = says(slot) == Some(Status::IfNeeded);
            }
        }
        after
    }
}

pub(crate) fn comes(status: Status) -> bool {
    matches!(status, Status::Yes | Status::IfNeeded)
}
