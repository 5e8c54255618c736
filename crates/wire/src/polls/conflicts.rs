use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Hours, Range};

/// When a participant's answer from their schedule says that they can come, and their schedule or a calendar says by now
/// that they cannot. The answer stays as it is until they answer anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflicts {
    /// For a poll over dates: the times, sorted and merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ranges: Option<Vec<Range>>,
    /// For a weekly poll: times of every week, on the clocks of the poll's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub weekly: Option<Vec<Hours>>,
}

impl Conflicts {
    /// At these times, of a poll over dates.
    pub fn at(ranges: Vec<Range>) -> Conflicts {
        Conflicts { ranges: Some(ranges), weekly: None }
    }

    /// At these times of every week, of a weekly poll.
    pub fn every_week(weekly: Vec<Hours>) -> Conflicts {
        Conflicts { ranges: None, weekly: Some(weekly) }
    }
}
