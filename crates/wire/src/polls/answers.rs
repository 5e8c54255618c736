use std::sync::Arc;

use domain::Zone;
use jiff::Timestamp as Instant;
use serde::{Deserialize, Serialize};

use super::{Bits, Conflicts, PollLayout, WeeklyAnswer};
use crate::{Hours, Range, input::as_text};

/// The reply of `GET /polls/{id}/answers`, which is for other services alone: all that ranking and the heat map need,
/// whoever asks; what of it they may see is in the header [`super::PollView::HEADER`].
///
/// Its `ETag` is the version in quotes; with it in `If-None-Match` the reply is a 304, with the same header. With
/// `?since=` a version it may have only what is different since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollAnswers {
    /// The poll's id.
    pub id: String,
    /// Counts the poll's changes.
    pub version: i64,
    /// What it asks about.
    #[serde(flatten)]
    pub layout: PollLayout,
    /// When it closes by itself.
    #[serde(with = "as_text::optional")]
    pub deadline: Option<Instant>,
    /// What was decided.
    pub meeting: Option<Range>,
    /// After which version `participants` are different; without it they are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Everybody who takes part, or is different, in the order in which they came.
    pub participants: Vec<Arc<ParticipantAnswer>>,
}

impl PollAnswers {
    /// The poll after a difference since the version that it has.
    pub fn after(&self, difference: PollAnswers) -> PollAnswers {
        let mut participants = self.participants.clone();
        let mut from = 0;
        for other in difference.participants {
            // Both are in the same order, so each is behind the one before.
            match participants[from..].iter().position(|known| known.id == other.id) {
                Some(at) => {
                    participants[from + at] = other;
                    from += at + 1;
                }
                None => {
                    participants.push(other);
                    from = participants.len();
                }
            }
        }
        PollAnswers { since: None, participants, ..difference }
    }
}

/// One participant with their answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantAnswer {
    /// The participant's id.
    pub id: String,
    /// How they call themselves.
    pub name: String,
    /// Where they are.
    #[serde(with = "as_text")]
    pub time_zone: Zone,
    /// Whether the meeting cannot be without them.
    pub required: bool,
    /// Whether they are a stored person.
    pub stored: bool,
    /// Whether they have answered.
    pub answered: bool,
    /// When they work; empty when nobody has said.
    pub working_hours: Vec<Hours>,
    /// For a poll over dates: the slots of its layout (`domain::Layout::range`) at which they can come gladly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<Bits>,
    /// For a poll over dates: the slots at which they can come if it has to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_needed: Option<Bits>,
    /// For a poll over dates: the slots about which they were not asked when they answered; none where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Bits>,
    /// For a weekly poll: the rules, in a zone of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<WeeklyAnswer>,
    /// When their schedule says otherwise by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Conflicts>,
}
