use std::borrow::Cow;

use jiff::Timestamp as Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Participant, PollLayout};
use crate::{
    Language, Range, Timestamp,
    input::{AsText, as_text},
    schema::{EmailAddress, InstantText},
};

/// Who may see what has been answered, besides the organiser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody sees names and answers.
    #[default]
    Full,
    /// Everybody sees numbers only.
    Counts,
    /// Those who have answered see names and answers, by their edit token; nobody else sees anything.
    AfterAnswer,
    /// Nobody else sees anything.
    Blind,
}

impl Visibility {
    /// Every visibility.
    pub const ALL: [Visibility; 4] =
        [Visibility::Full, Visibility::Counts, Visibility::AfterAnswer, Visibility::Blind];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Visibility::Full => "full",
            Visibility::Counts => "counts",
            Visibility::AfterAnswer => "after_answer",
            Visibility::Blind => "blind",
        }
    }
}

impl AsText for Visibility {
    fn to_text(&self) -> Cow<'static, str> {
        self.name().into()
    }

    fn from_text(text: &str) -> Result<Visibility, String> {
        Visibility::ALL
            .into_iter()
            .find(|visibility| visibility.name() == text)
            .ok_or_else(|| format!("{text:?} is not a visibility; use full, counts, after_answer or blind"))
    }
}

/// How far a poll is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PollState {
    /// It takes answers.
    Open,
    /// Its deadline has passed.
    Closed,
    /// A meeting has been decided.
    Decided,
}

impl PollState {
    /// How far a poll is at an instant.
    pub fn at(now: Instant, deadline: Option<Instant>, meeting: Option<Range>) -> PollState {
        match (meeting, deadline) {
            (Some(_), _) => PollState::Decided,
            (None, Some(deadline)) if deadline <= now => PollState::Closed,
            (None, _) => PollState::Open,
        }
    }
}

/// A poll as replies have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Poll {
    /// 128 random bits in base64url.
    #[schema(example = "q1Zk3Y0uTtWb7l3m2n4o5A")]
    pub id: String,
    /// Where its page is: `/p/{id}`.
    pub url: String,
    /// Counts its changes, as in the `ETag`.
    pub version: i64,
    /// What it is about.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// Where the meeting will be; may be empty.
    pub location: String,
    /// What it asks about.
    #[serde(flatten)]
    pub layout: PollLayout,
    /// When it closes by itself.
    #[serde(with = "as_text::optional")]
    #[schema(value_type = Option<InstantText>)]
    pub deadline: Option<Instant>,
    /// Who sees what.
    pub visibility: Visibility,
    /// Where the organiser gets mails; in replies to the organiser alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EmailAddress>)]
    pub organiser_email: Option<String>,
    /// What mails about it are written in, where their recipient has not said.
    pub language: Language,
    /// Whether participants who have not answered are reminded before the deadline.
    pub remind: bool,
    /// For how many days it is kept after its last date, where its organiser wants less than the installation keeps polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    /// How far it is.
    pub state: PollState,
    /// What was decided.
    pub meeting: Option<Range>,
    /// Who takes part, in the order in which they came; `null` where the caller may not see it.
    pub participants: Option<Vec<Participant>>,
    /// How many take part; `null` where the caller may not see it.
    pub participants_total: Option<u64>,
    /// How many of them have answered; `null` where the caller may not see it.
    pub answered: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The reply of `POST /polls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedPoll {
    /// The poll.
    #[serde(flatten)]
    pub poll: Poll,
    /// Who has it is the organiser. It is shown this once.
    pub admin_token: String,
}
