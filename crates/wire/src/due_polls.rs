//! How worker-service has polls closed, deleted and purged when their time has come, at `/poll-closings`,
//! `/poll-expirations` and `/poll-purges`.

use serde::{Deserialize, Serialize};

/// The body of `POST /poll-closings`, `POST /poll-expirations` and `POST /poll-purges`, which are for other services alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuePollsRequest {
    /// Polls that were due by this instant are meant, in microseconds since 1970.
    pub until_us: i64,
}

/// The reply to a [`DuePollsRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuePollsReply {
    /// How many there were.
    pub polls: u64,
    /// Whether there may be more, for another request.
    pub more: bool,
}
