//! How services that limit the same callers share what these may do: each takes a part of it at a time from where it is
//! counted for all.

use serde::{Deserialize, Serialize};

use crate::{Fault, RequestBody};

/// Longest name of an allowance in bytes.
const MOST_KEY: usize = 200;
/// Longest window in seconds: a day.
const LONGEST_WINDOW: u32 = 86_400;

/// The body of `POST /allowances`: a service wants to hand out so many units. It is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceRequest {
    /// Whose allowance for what in which window.
    pub key: String,
    /// How many units are wanted.
    pub units: u32,
    /// How many there are in the window, for all services together.
    pub limit: u32,
    /// Seconds of the window.
    pub window_seconds: u32,
}

impl RequestBody for AllowanceRequest {
    fn faults(&self) -> Vec<Fault> {
        let wrong = [
            (self.key.is_empty() || self.key.len() > MOST_KEY, "key"),
            (self.units == 0, "units"),
            (self.window_seconds == 0 || self.window_seconds > LONGEST_WINDOW, "window_seconds"),
        ];
        let wrong = wrong.into_iter().filter(|(is_wrong, _)| *is_wrong);
        wrong
            .map(|(_, name)| Fault::new(["body", name], "value_error", "This is not a value of it"))
            .collect()
    }
}

/// What a service may hand out: the reply of `POST /allowances`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Units that it may hand out; fewer than it asked for where no more are left.
    pub units: u32,
    /// Units that are left for others in this window.
    pub left: u32,
}

impl Grant {
    /// The answer to a request after which so many units in all have been asked for in the window.
    pub fn of_total(request: &AllowanceRequest, total: u64) -> Grant {
        let before = total.saturating_sub(request.units.into());
        let left_before = u32::try_from(u64::from(request.limit).saturating_sub(before)).unwrap_or(u32::MAX);
        let units = request.units.min(left_before);
        Grant { units, left: left_before - units }
    }
}
