use serde::{Deserialize, Serialize};

use crate::Range;

/// The reply of `GET /polls/{id}/outlook`, which is for other services alone: what those who have not answered can still
/// change about the best time of a poll. It tells who they are whatever the poll's visibility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOutlook {
    /// The poll's version.
    pub version: i64,
    /// The window that is first, if there is one.
    pub first: Option<Range>,
    /// Whether it stays first, whatever those say who have not answered.
    pub settled: bool,
    /// The participants whose answer alone can still change the first window; `None` where there are more than 500.
    pub awaited: Option<Vec<String>>,
}

/// The body of `POST /polls/{id}/settled`: that a poll's first window stays first, as worker-service has found. It is for
/// other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledRequest {
    /// The version of the poll for which it is so.
    pub version: i64,
    /// The first window.
    pub first: Range,
}
