use domain::{Attendance, Change, Question, SLOT_MINUTES, Unlock, Window, Zone};
use jiff::{SignedDuration, Timestamp};
use wire::{EmptyReason, PersonAtWindow, PollView, ReasonEntry, WindowEntry, Windows};

use super::texts::anonymous;
use crate::group::GroupBitmaps;

/// The group as whoever asks may see it.
pub(super) struct Shown<'a> {
    pub(super) group: &'a GroupBitmaps,
    /// Whether people are named.
    pub(super) named: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn new(group: &'a GroupBitmaps, view: PollView) -> Shown<'a> {
        let named = view == PollView::Names && group.guests.len() <= Windows::MAX_PEOPLE;
        Shown { group, named }
    }

    /// The ids of people, where they may be seen.
    pub(super) fn ids(&self, people: &[usize]) -> Option<Vec<String>> {
        let guests = people.iter().filter_map(|&person| self.group.guests.get(person));
        self.named.then(|| guests.map(|guest| guest.id.clone()).collect())
    }

    pub(super) fn empty_reason(&self, code: &str, people: &[usize]) -> EmptyReason {
        EmptyReason { code: code.to_owned(), people: self.ids(people).unwrap_or_default() }
    }

    pub(super) fn unlock(&self, unlock: &Unlock) -> wire::Unlock {
        let range = self.group.range;
        wire::Unlock {
            change: unlock.change.name().to_owned(),
            people: match &unlock.change {
                Change::Without(people) => self.ids(people),
                _ => None,
            },
            duration_minutes: match unlock.change {
                Change::Shorter { duration_minutes } => Some(duration_minutes),
                _ => None,
            },
            to: match unlock.change {
                Change::Later { to } => Some(range.instant(to)),
                _ => None,
            },
            windows: unlock.windows as u64,
            start: range.instant(unlock.start),
        }
    }

    pub(super) fn window(
        &self,
        question: &Question<'_>,
        window: &Window,
        attendance: &[Attendance],
    ) -> WindowEntry {
        let start = question.range.instant(window.start);
        let minutes = i64::from(question.options.duration_minutes.next_multiple_of(SLOT_MINUTES));
        let end = start.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(start);
        let name = |person: usize| self.group.guests.get(person).map_or("", |guest| guest.called());
        let reasons = question.reasons(window, attendance).into_iter().map(|reason| ReasonEntry {
            code: reason.code().to_owned(),
            people: self.ids(reason.people()).unwrap_or_default(),
            text: if self.named { reason.text(name) } else { anonymous(&reason) },
        });
        WindowEntry {
            start,
            end,
            yes: window.yes as u64,
            if_needed: window.if_needed as u64,
            no: window.no as u64,
            unanswered: window.unanswered as u64,
            confidence: rounded(window.confidence()),
            people: self.named.then(|| self.people(start, attendance)),
            reasons: reasons.collect(),
            holds: None,
        }
    }

    fn people(&self, start: Timestamp, attendance: &[Attendance]) -> Vec<PersonAtWindow> {
        let people = self.group.guests.iter().zip(attendance).map(|(guest, attendance)| PersonAtWindow {
            person: guest.id.clone(),
            name: guest.name.clone(),
            status: attendance.status.name().to_owned(),
            local_start: local(start, &guest.zone),
            outside_working_hours_minutes: attendance.outside_minutes,
            in_conflict: attendance.in_conflict,
        });
        people.collect()
    }
}

/// RFC 3339 with the zone's offset.
fn local(instant: Timestamp, zone: &Zone) -> String {
    instant.display_with_offset(zone.rules().to_offset(instant)).to_string()
}

/// To four decimals: more would say nothing.
fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_starts_have_the_offset_of_their_instant() {
        let instant: Timestamp = "2026-03-08T06:30:00Z".parse().unwrap();
        let at = |zone: &str| local(instant, &Zone::parse(zone).unwrap());
        assert_eq!(at("America/New_York"), "2026-03-08T01:30:00-05:00");
        assert_eq!(at("Asia/Kathmandu"), "2026-03-08T12:15:00+05:45");
        assert_eq!(at("UTC"), "2026-03-08T06:30:00+00:00");
    }
}
