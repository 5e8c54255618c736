use super::bits::{and, or};
use super::counter::{Counter, Counts};
use super::presence::Presence;
use super::{IfNeeded, Question};

/// Who comes to meetings of one length, for every start in the range.
pub(crate) struct Tally {
    /// How many say yes.
    pub(crate) yes: Counts,
    /// How many come.
    pub(crate) coming: Counts,
    /// How many may still say that they come; none when everybody has answered.
    pub(crate) open: Option<Counts>,
    /// The starts at which everybody comes who is required.
    pub(crate) required: Vec<u64>,
    /// How many of each group come.
    pub(crate) groups: Vec<Counts>,
    /// The starts at which so many come that it is a meeting.
    pub(crate) enough: Vec<u64>,
}

impl Tally {
    /// Counts once over all people.
    pub(crate) fn of(question: &Question<'_>, slots: usize) -> Tally {
        let words = question.candidates.words().len();
        let people = question.people;
        let mut yes = Counter::new(words, people.len());
        let mut coming = Counter::new(words, people.len());
        let mut required = vec![u64::MAX; words];
        let one_level = question.options.if_needed == IfNeeded::Never;
        for person in people {
            let with_yes = yes.add(|words| question.starts_of(person, Presence::Yes, slots, words));
            let comes = coming.add(|words| match one_level {
                true => words.copy_from_slice(with_yes),
                false => question.starts_of(person, Presence::Comes, slots, words),
            });
            if person.required {
                and(&mut required, comes);
            }
        }
        let coming = coming.done();
        let open = open(question, slots);
        let groups = question.groups.iter().map(|group| {
            let mut counter = Counter::new(words, group.members.len());
            for person in group.members.iter().filter_map(|&member| people.get(member)) {
                counter.add(|words| question.starts_of(person, Presence::Comes, slots, words));
            }
            counter.done()
        });
        let groups = groups.collect();
        let enough = enough(question, &coming, open.as_ref());
        Tally { yes: yes.done(), coming, open, required, groups, enough }
    }

    /// The starts at which enough of every group come.
    pub(crate) fn quorums(&self, question: &Question<'_>) -> Vec<u64> {
        let mut met = vec![u64::MAX; self.required.len()];
        for (counts, group) in self.groups.iter().zip(question.groups) {
            and(&mut met, &counts.at_least(group.required));
        }
        met
    }

    /// The starts in the whole range at which the meeting can be.
    pub(crate) fn valid(&self, question: &Question<'_>, slots: usize) -> Vec<u64> {
        let mut valid = question.allowed(slots);
        and(&mut valid, &self.required);
        and(&mut valid, &self.quorums(question));
        and(&mut valid, &self.enough);
        valid
    }
}

/// Enough come, or one comes and others may.
fn enough(question: &Question<'_>, coming: &Counts, open: Option<&Counts>) -> Vec<u64> {
    let mut enough = coming.at_least(question.fewest().max(1));
    if let Some(open) = open {
        let mut perhaps = coming.at_least(1);
        and(&mut perhaps, &open.at_least(1));
        or(&mut enough, &perhaps);
    }
    enough
}

fn open(question: &Question<'_>, slots: usize) -> Option<Counts> {
    let words = question.candidates.words().len();
    let undecided: Vec<_> = question.people.iter().filter(|person| person.unknown.is_some()).collect();
    if undecided.is_empty() {
        return None;
    }
    let mut open = Counter::new(words, undecided.len());
    let mut comes = vec![0; words];
    for person in undecided {
        question.starts_of(person, Presence::Comes, slots, &mut comes);
        open.add(|words| {
            question.starts_of(person, Presence::Possible, slots, words);
            super::bits::and_not(words, &comes);
        });
    }
    Some(open.done())
}
