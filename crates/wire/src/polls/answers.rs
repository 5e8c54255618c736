use domain::Zone;
use jiff::Timestamp as Instant;
use serde::{Deserialize, Serialize};

use super::{Bits, PollLayout, WeeklyAnswer};
use crate::{Hours, Range, input::as_text};

/// The reply of `GET /polls/{id}/answers`, which is for other services alone: all that ranking and the heat map need. It
/// always has everything; what of it the caller may see is in the header [`super::PollView::HEADER`].
///
/// Its `ETag` is the version in quotes; with it in `If-None-Match` the reply is a 304, with the same header.
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
    /// Everybody who takes part, in the order in which they came.
    pub participants: Vec<ParticipantAnswer>,
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
}
