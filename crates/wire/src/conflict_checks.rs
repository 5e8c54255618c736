//! How worker-service has it looked whether answers from a schedule still agree with it, at `/conflict-checks`.

use serde::{Deserialize, Serialize};

/// The body of `POST /conflict-checks`, which is for other services alone: what says when a person is free has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictCheckRequest {
    /// The person's id.
    pub person: String,
    /// The poll after which to go on: `next` of the reply before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The reply of `POST /conflict-checks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictCheckReply {
    /// In how many polls of those that were looked at the person's conflicts are others now.
    pub changed: u64,
    /// The last poll that was looked at, where there are more of them.
    pub next: Option<String>,
}
