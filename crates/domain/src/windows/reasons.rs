use super::{Attendance, Question, Status, Window};

/// Why a window is where it is in the order, each with the people it is about, by their places among the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Everybody comes.
    Everyone,
    /// These must come, and do.
    AllRequired(Vec<usize>),
    /// Enough of a group come.
    Quorum {
        /// Which group, from 0.
        group: usize,
        /// How many must come.
        required: usize,
        /// Who comes.
        people: Vec<usize>,
    },
    /// These come only if needed.
    OnlyIfNeededOf(Vec<usize>),
    /// These do not come.
    Without(Vec<usize>),
    /// For these it is outside working hours.
    OutsideWorkingHoursOf(Vec<usize>),
    /// These come by their answer, and their schedule says otherwise by now.
    ConflictOf(Vec<usize>),
    /// Others are as good, and later.
    Earliest,
}

impl Reason {
    /// Its code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::Everyone => "everyone",
            Reason::AllRequired(_) => "all_required",
            Reason::Quorum { .. } => "quorum",
            Reason::OnlyIfNeededOf(_) => "only_if_needed_of",
            Reason::Without(_) => "without",
            Reason::OutsideWorkingHoursOf(_) => "outside_working_hours_of",
            Reason::ConflictOf(_) => "conflict_of",
            Reason::Earliest => "earliest",
        }
    }

    /// Whom it is about.
    pub fn people(&self) -> &[usize] {
        match self {
            Reason::Everyone | Reason::Earliest => &[],
            Reason::AllRequired(people)
            | Reason::OnlyIfNeededOf(people)
            | Reason::Without(people)
            | Reason::OutsideWorkingHoursOf(people)
            | Reason::ConflictOf(people)
            | Reason::Quorum { people, .. } => people,
        }
    }

    /// As an English sentence without a full stop; `name` says what a person is called.
    pub fn text<'n>(&self, name: impl Fn(usize) -> &'n str) -> String {
        let names = list(self.people(), name);
        match self {
            Reason::Everyone => "Everyone can come".to_owned(),
            Reason::AllRequired(_) => format!("All required people can come: {names}"),
            Reason::Quorum { required, people, .. } => {
                format!("{} of a group of which {required} must come: {names}", people.len())
            }
            Reason::OnlyIfNeededOf(_) => format!("Only if needed: {names}"),
            Reason::Without(_) => format!("Without {names}"),
            Reason::OutsideWorkingHoursOf(_) => format!("Outside the working hours of {names}"),
            Reason::ConflictOf(_) => format!("Something else by now in the calendar of {names}"),
            Reason::Earliest => "The earliest of several that are equally good".to_owned(),
        }
    }
}

/// `Ada, Bob and Carol`, or `Ada, Bob and 7 others`.
pub(crate) fn list<'n>(people: &[usize], name: impl Fn(usize) -> &'n str) -> String {
    const NAMED: usize = 3;
    let named: Vec<&str> = people.iter().take(NAMED).map(|&person| name(person)).collect();
    match (&named[..], people.len()) {
        (_, count) if count > NAMED => {
            format!("{} and {} others", named[..NAMED - 1].join(", "), count - (NAMED - 1))
        }
        ([first @ .., last], _) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => named.join(""),
    }
}

impl Question<'_> {
    /// Why a window of this question is good or not, in the order of [`Reason`]'s variants; `attendance` says how each
    /// person stands to it ([`Question::attendance`]).
    pub fn reasons(&self, window: &Window, attendance: &[Attendance]) -> Vec<Reason> {
        let who =
            |wanted: &dyn Fn(usize) -> bool| (0..attendance.len()).filter(|&person| wanted(person)).collect();
        let comes = |person: usize| matches!(attendance[person].status, Status::Yes | Status::IfNeeded);
        let everyone = window.coming() == self.people.len();
        let mut reasons = Vec::new();
        if everyone {
            reasons.push(Reason::Everyone);
        } else {
            reasons.push(Reason::AllRequired(who(&|person| self.people[person].required)));
        }
        for (index, group) in self.groups.iter().enumerate() {
            let people =
                group.members.iter().copied().filter(|&person| person < attendance.len() && comes(person));
            reasons.push(Reason::Quorum { group: index, required: group.required, people: people.collect() });
        }
        reasons.push(Reason::OnlyIfNeededOf(who(&|person| attendance[person].status == Status::IfNeeded)));
        reasons.push(Reason::Without(who(&|person| attendance[person].status == Status::No)));
        reasons.push(Reason::OutsideWorkingHoursOf(who(&|person| attendance[person].outside_minutes > 0)));
        reasons.push(Reason::ConflictOf(who(&|person| attendance[person].in_conflict)));
        reasons.retain(|reason| {
            matches!(reason, Reason::Everyone | Reason::Quorum { .. }) || !reason.people().is_empty()
        });
        if window.earliest {
            reasons.push(Reason::Earliest);
        }
        reasons
    }
}
