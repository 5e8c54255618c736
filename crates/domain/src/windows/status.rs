use jiff::{SignedDuration, Timestamp};

use super::presence::Presence;
use super::{Person, Question, WorkingHours};
use crate::SlotSet;

/// A time at which a meeting can be, and how many come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The slot of the question's range at which it starts.
    pub start: usize,
    /// How many say yes.
    pub yes: usize,
    /// How many come if needed.
    pub if_needed: usize,
    /// How many do not come.
    pub no: usize,
    /// How many have not said it.
    pub unanswered: usize,
    /// Whether only its being earlier puts it before others.
    pub earliest: bool,
}

impl Window {
    /// The mean over all people: a yes is 1, if needed 0.75, unanswered 0.5 and a no 0; 0 of nobody.
    pub fn confidence(&self) -> f64 {
        let people = self.yes + self.if_needed + self.no + self.unanswered;
        let sum = self.yes as f64 + 0.75 * self.if_needed as f64 + 0.5 * self.unanswered as f64;
        if people == 0 { 0.0 } else { sum / people as f64 }
    }

    /// How many come.
    pub fn coming(&self) -> usize {
        self.yes + self.if_needed
    }
}

/// Whether a person comes to a window; the better, the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Gladly.
    Yes,
    /// If needed.
    IfNeeded,
    /// They have not said it.
    Unanswered,
    /// Not.
    No,
}

impl Status {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Status::Yes => "yes",
            Status::IfNeeded => "if_needed",
            Status::No => "no",
            Status::Unanswered => "unanswered",
        }
    }
}

/// A person at a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Whether they come.
    pub status: Status,
    /// Minutes of the meeting outside their working hours; 0 when they do not come.
    pub outside_minutes: u32,
    /// Whether they come, and their schedule says by now that they cannot at some of the meeting.
    pub in_conflict: bool,
}

impl Question<'_> {
    /// How each person stands to a meeting that starts at this slot, in the order of the people.
    pub fn attendance(&self, start: usize) -> Vec<Attendance> {
        self.people.iter().map(|person| self.attendance_of(person, start)).collect()
    }

    /// When the meeting of a window starts and ends.
    pub fn times(&self, window: &Window) -> (Timestamp, Timestamp) {
        let start = self.range.instant(window.start);
        let duration = SignedDuration::from_mins(i64::from(self.options.duration_minutes));
        (start, start.checked_add(duration).unwrap_or(start))
    }

    pub(crate) fn attendance_of(&self, person: &Person<'_>, start: usize) -> Attendance {
        let status = self.status(person, start);
        let comes = matches!(status, Status::Yes | Status::IfNeeded);
        Attendance {
            status,
            outside_minutes: if comes { self.outside_minutes(person, start) } else { 0 },
            in_conflict: comes && self.in_conflict(person, start),
        }
    }

    /// Whether a person's schedule says by now that they cannot come at some of the meeting.
    pub(crate) fn in_conflict(&self, person: &Person<'_>, start: usize) -> bool {
        let mut meeting = start..start + self.meeting_slots();
        person.conflicts.is_some_and(|conflicts| meeting.any(|slot| conflicts.contains(slot)))
    }

    pub(crate) fn status(&self, person: &Person<'_>, start: usize) -> Status {
        let meeting = start..start + self.meeting_slots();
        let before = start.saturating_sub(self.before_slots())..start;
        let after = meeting.end..meeting.end + self.after_slots();
        // About what is around the candidates nobody was asked.
        let around = || before.clone().chain(after.clone()).filter(|&slot| self.candidates.contains(slot));
        let within =
            |set: &SlotSet| set.contains_all(meeting.clone()) && around().all(|slot| set.contains(slot));
        let working = person.working.filter(|_| self.options.working_hours == WorkingHours::Only);
        if working.is_some_and(|working| !within(working)) {
            return Status::No;
        }
        let comes = self.given(person, Presence::Comes);
        if within(person.levels.yes()) {
            Status::Yes
        } else if within(comes) {
            Status::IfNeeded
        } else if person.unknown.is_some_and(|unknown| {
            meeting.clone().chain(around()).all(|slot| unknown.contains(slot) || comes.contains(slot))
        }) {
            Status::Unanswered
        } else {
            Status::No
        }
    }
}
