use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /meeting-replies`: a calendar that came by mail to the address of a meeting. It is for other services
/// alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundReply {
    /// What may be tokens in the addresses that the mail went to.
    pub tokens: Vec<String>,
    /// The `method` of the part's media type, for a calendar that does not say it.
    pub method: Option<String>,
    /// The calendar as it came, in UTF-8.
    pub calendar: String,
}

impl InboundReply {
    /// Longest calendar that is passed on, in bytes; an answer has one event.
    pub const MAX_CALENDAR: usize = 256 * 1024;
}

/// What a mail has changed: the reply of `POST /worker/inbound-mail`, as of `POST /meeting-replies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboundReplyReply {
    /// What it has changed.
    pub outcome: ReplyOutcome,
    /// Why it has changed nothing.
    pub reason: Option<String>,
}

/// What an answer to a meeting has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyOutcome {
    /// It is the participant's answer now.
    Taken,
    /// Nothing: it came before, or is older than what is known.
    Unchanged,
    /// Nothing: it is no answer of a participant to a meeting.
    Ignored,
}

impl ReplyOutcome {
    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            ReplyOutcome::Taken => "taken",
            ReplyOutcome::Unchanged => "unchanged",
            ReplyOutcome::Ignored => "ignored",
        }
    }
}
