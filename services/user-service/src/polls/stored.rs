use jiff::Timestamp as Instant;
use wire::{Email, Hours, NewPoll, Participant, Poll, PollState, PollView, Range, Timestamp};

use super::{PublicId, StoredAnswer, StoredReply, TokenHash};
use domain::Zone;

/// A poll without its participants.
#[derive(Clone, Debug)]
pub(crate) struct StoredPoll {
    pub(crate) id: PublicId,
    pub(crate) admin: TokenHash,
    pub(crate) version: i64,
    /// The version of the last change of what is in here.
    pub(crate) described_version: i64,
    /// The version of the last change of which no difference can be told.
    pub(crate) reset_version: i64,
    pub(crate) content: NewPoll,
    pub(crate) meeting: Option<Range>,
    /// How often a meeting was decided or taken back.
    pub(crate) meeting_sequence: i64,
    pub(crate) participants: u64,
    pub(crate) created_at_us: i64,
    pub(crate) deleted_at_us: Option<i64>,
    /// The last instant that it is about; `None` where a release before has made it.
    pub(crate) last_at_us: Option<i64>,
}

/// A participant and their answer.
#[derive(Clone, Debug)]
pub(crate) struct StoredParticipant {
    pub(crate) number: i64,
    pub(crate) id: PublicId,
    pub(crate) name: String,
    pub(crate) time_zone: Zone,
    pub(crate) email: Option<Email>,
    /// Whether they are a stored person.
    pub(crate) stored: bool,
    pub(crate) required: bool,
    pub(crate) working_hours: Vec<Hours>,
    pub(crate) answer: Option<StoredAnswer>,
    /// What their calendar has answered to the meeting.
    pub(crate) meeting_reply: Option<StoredReply>,
}

impl StoredPoll {
    pub(crate) fn state(&self, now: Instant) -> PollState {
        PollState::at(now, self.content.deadline, self.meeting)
    }

    /// The poll as somebody who may see so much of it gets it.
    pub(crate) fn shown(&self, now: Instant, view: PollView, people: Option<&Turnout>) -> Poll {
        let content = &self.content;
        let counted = people.filter(|_| view >= PollView::Counts);
        let named = people.filter(|_| view == PollView::Names);
        Poll {
            id: self.id.to_string(),
            url: format!("/p/{}", self.id),
            version: self.version,
            title: content.title.clone(),
            description: content.description.clone(),
            location: content.location.clone(),
            layout: content.layout.clone(),
            deadline: content.deadline,
            visibility: content.visibility,
            organiser_email: None,
            language: content.language,
            remind: content.remind,
            keep_days: content.keep_days,
            state: self.state(now),
            meeting: self.meeting,
            participants: named.map(|people| people.participants.clone()),
            participants_total: counted.map(|people| people.total),
            answered: counted.map(|people| people.answered),
            created_at: Timestamp::from_micros(self.created_at_us).unwrap_or_else(Timestamp::now),
        }
    }
}

impl StoredPoll {
    /// What is shown of it, with what only the organiser sees.
    pub(crate) fn with_organiser(&self, shown: Poll) -> Poll {
        let organiser_email = self.content.organiser_email.as_ref().map(|email| email.as_str().to_owned());
        Poll { organiser_email, ..shown }
    }
}

/// Who takes part in a poll, and how many of them have answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turnout {
    /// Empty where only the numbers were asked for.
    pub(crate) participants: Vec<Participant>,
    pub(crate) total: u64,
    pub(crate) answered: u64,
}

impl StoredParticipant {
    /// The participant as replies have them.
    pub(crate) fn shown(&self) -> Participant {
        Participant {
            id: self.id.to_string(),
            name: self.name.clone(),
            time_zone: self.time_zone.clone(),
            required: self.required,
            answered: self.answer.is_some(),
            meeting_reply: self.meeting_reply.as_ref().map(|reply| reply.shown.clone()),
            conflicts: self.answer.as_ref().and_then(|answer| answer.conflicts.clone()),
        }
    }
}
