use jiff::Timestamp as Instant;
use serde::Serialize;
use serde_json::{Value, json, to_value};
use wire::{LevelRange, Participant, PollView, WeeklyAnswer};

use crate::{
    db::{PollError, Polls},
    polls::{PublicId, StoredParticipant, StoredPoll, StoredTimes, Turnout, layout_of},
};

/// What is different in a poll since a version of it, as each view tells it.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// Nothing is different.
    Heartbeat { version: i64 },
    /// Something is.
    Change(Change),
    /// Everything has to be read again.
    Reset { version: i64 },
    /// There is no such poll any more.
    Gone,
}

/// A difference.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// What it is a difference to.
    pub(crate) since: i64,
    pub(crate) version: i64,
    /// Whose answer or name is different.
    changed: Vec<PublicId>,
    names: Value,
    counts: Value,
    nothing: Value,
}

/// A participant with their answer, in an event.
#[derive(Serialize)]
struct Answered {
    #[serde(flatten)]
    participant: Participant,
    #[serde(skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<LevelRange>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekly: Option<WeeklyAnswer>,
}

impl News {
    /// Reads what is different.
    ///
    /// # Errors
    /// [`PollError::UnknownPoll`], or that the database does not answer.
    pub(crate) async fn since(polls: &Polls, id: &PublicId, since: i64) -> Result<News, PollError> {
        let difference = polls.difference(id, since).await?;
        let poll = difference.poll;
        if poll.version == since {
            return Ok(News::Heartbeat { version: since });
        }
        let Some(participants) = difference.participants else {
            return Ok(News::Reset { version: poll.version });
        };
        let turnout = polls.turnout(id, PollView::Counts).await?;
        Ok(News::Change(Change::new(since, &poll, &participants, turnout.as_ref())))
    }

    pub(crate) fn gone() -> News {
        News::Gone
    }

    /// What the event is called.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            News::Heartbeat { .. } => "heartbeat",
            News::Change(_) => "change",
            News::Reset { .. } => "reset",
            News::Gone => "gone",
        }
    }

    /// The poll's version; none when it is gone.
    pub(crate) fn version(&self) -> Option<i64> {
        match self {
            News::Heartbeat { version } | News::Reset { version } => Some(*version),
            News::Change(change) => Some(change.version),
            News::Gone => None,
        }
    }
}

impl Change {
    fn new(
        since: i64,
        poll: &StoredPoll,
        participants: &[StoredParticipant],
        turnout: Option<&Turnout>,
    ) -> Change {
        let is_described = poll.described_version > since;
        let shown =
            |view| is_described.then(|| to_value(poll.shown(Instant::now(), view, None)).ok()).flatten();
        let of = |view: PollView, participants: Value| {
            let turnout = turnout.filter(|_| view >= PollView::Counts);
            json!({
                "version": poll.version,
                "poll": shown(view),
                "participants": participants,
                "participants_total": turnout.map(|turnout| turnout.total),
                "answered": turnout.map(|turnout| turnout.answered),
            })
        };
        let layout = layout_of(&poll.content.layout).ok();
        let answered = |participant: &StoredParticipant| {
            let times = participant.answer.as_ref().map(|answer| &answer.times);
            let weekly = match times {
                Some(StoredTimes::Weekly(rules)) => Some(rules.clone()),
                _ => None,
            };
            let ranges = times.zip(layout.as_ref()).and_then(|(times, layout)| times.ranges(layout));
            Answered { participant: participant.shown(), ranges, weekly }
        };
        let people: Vec<Answered> = participants.iter().map(answered).collect();
        Change {
            since,
            version: poll.version,
            changed: participants.iter().map(|participant| participant.id.clone()).collect(),
            names: of(PollView::Names, to_value(people).unwrap_or_default()),
            counts: of(PollView::Counts, Value::Null),
            nothing: of(PollView::Nothing, Value::Null),
        }
    }

    /// Whether it is about this participant.
    pub(crate) fn is_about(&self, participant: &PublicId) -> bool {
        self.changed.contains(participant)
    }

    /// The event's data for somebody who may see so much.
    pub(crate) fn seen(&self, view: PollView) -> &Value {
        match view {
            PollView::Names => &self.names,
            PollView::Counts => &self.counts,
            PollView::Nothing => &self.nothing,
        }
    }
}
