use super::bits::{and, any};
use super::presence::Presence;
use super::{Question, Search};

/// Why there is no window, with the people it is about, by their places among the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmptyReason {
    /// Nobody has answered, or there is nobody.
    NoAnswers,
    /// The meeting does not fit into what is asked about, or starts nowhere in it.
    OutsideHorizon,
    /// Nobody is free for the whole duration.
    LongerThanAnyFreeTime,
    /// These must come and are never free for the whole duration.
    RequiredNeverFree(Vec<usize>),
    /// There are times at which the required people come, but never enough of these groups' members.
    QuorumNotMet(Vec<usize>),
    /// Those who must come, or any two, are never free at the same time.
    NoCommonTime,
}

impl EmptyReason {
    /// Its code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            EmptyReason::NoAnswers => "no_answers",
            EmptyReason::OutsideHorizon => "outside_horizon",
            EmptyReason::LongerThanAnyFreeTime => "longer_than_any_free_time",
            EmptyReason::RequiredNeverFree(_) => "required_never_free",
            EmptyReason::QuorumNotMet(_) => "quorum_not_met",
            EmptyReason::NoCommonTime => "no_common_time",
        }
    }

    /// Whom it is about: the required who are never free, or the members of the groups.
    pub fn people(&self) -> &[usize] {
        match self {
            EmptyReason::RequiredNeverFree(people) | EmptyReason::QuorumNotMet(people) => people,
            _ => &[],
        }
    }
}

impl Search<'_> {
    /// Why there is no window; none when there is one.
    pub fn empty_reason(&self) -> Option<EmptyReason> {
        if self.total() > 0 {
            return None;
        }
        let question = &self.question;
        if question.people.iter().all(|person| question.unanswered(person)) {
            return Some(EmptyReason::NoAnswers);
        }
        let allowed = question.within(&question.allowed(self.slots), self.slots);
        if !any(&allowed) {
            return Some(EmptyReason::OutsideHorizon);
        }
        let mut someone = self.tally.coming.at_least(1);
        and(&mut someone, &allowed);
        if !any(&someone) && question.people.iter().any(|person| question.ever_free(person)) {
            return Some(EmptyReason::LongerThanAnyFreeTime);
        }
        let mut starts = vec![0; allowed.len()];
        let mut never = |person: usize| {
            question.starts_of(&question.people[person], Presence::Comes, self.slots, &mut starts);
            and(&mut starts, &allowed);
            question.people[person].required && !any(&starts)
        };
        let never: Vec<usize> = (0..question.people.len()).filter(|&person| never(person)).collect();
        if !never.is_empty() {
            return Some(EmptyReason::RequiredNeverFree(never));
        }
        Some(self.quorum_or_time(allowed))
    }

    fn quorum_or_time(&self, allowed: Vec<u64>) -> EmptyReason {
        let mut common = allowed;
        and(&mut common, &self.tally.required);
        if !any(&common) {
            return EmptyReason::NoCommonTime;
        }
        let mut members: Vec<usize> = Vec::new();
        let mut met = common.clone();
        for (counts, group) in self.tally.groups.iter().zip(self.question.groups) {
            let enough = counts.at_least(group.required);
            and(&mut met, &enough);
            let mut alone = common.clone();
            and(&mut alone, &enough);
            if !any(&alone) {
                members.extend(&group.members);
            }
        }
        if any(&met) {
            return EmptyReason::NoCommonTime;
        }
        if members.is_empty() {
            // Each group for itself can meet, only not at the same time.
            members.extend(self.question.groups.iter().flat_map(|group| &group.members));
        }
        members.sort_unstable();
        members.dedup();
        EmptyReason::QuorumNotMet(members)
    }
}

impl Question<'_> {
    /// Whether a person has said nothing about any slot where the meeting may be.
    pub(crate) fn unanswered(&self, person: &super::Person<'_>) -> bool {
        person.unknown.is_some_and(|unknown| {
            self.candidates.words().iter().zip(unknown.words()).all(|(asked, unknown)| asked & !unknown == 0)
        })
    }

    fn ever_free(&self, person: &super::Person<'_>) -> bool {
        let mut free = vec![0; self.candidates.words().len()];
        self.free(person, Presence::Comes, &mut free);
        and(&mut free, self.candidates.words());
        any(&free)
    }
}
