use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Range, Timestamp};

/// What a participant's calendar has answered to the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingReply {
    /// Whether they come.
    pub status: ReplyStatus,
    /// When the answer came.
    #[schema(value_type = String, format = DateTime)]
    pub replied_at: Timestamp,
    /// Another time that they propose.
    pub proposal: Option<Range>,
    /// What they say about it, up to 1,000 characters.
    pub comment: Option<String>,
}

impl MeetingReply {
    /// Most characters of a comment that are kept.
    pub const MAX_COMMENT: usize = 1_000;
}

/// Whether somebody comes to a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyStatus {
    /// They come.
    Accepted,
    /// They do not come.
    Declined,
    /// They may come.
    Tentative,
}

impl ReplyStatus {
    /// Every status.
    pub const ALL: [ReplyStatus; 3] = [ReplyStatus::Accepted, ReplyStatus::Declined, ReplyStatus::Tentative];

    /// Its name in the table and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            ReplyStatus::Accepted => "accepted",
            ReplyStatus::Declined => "declined",
            ReplyStatus::Tentative => "tentative",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<ReplyStatus> {
        ReplyStatus::ALL.into_iter().find(|status| status.name() == name)
    }
}
