use std::fmt;
use std::time::Duration;

/// What one step came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// So many workers there should be now. Equal to the present number when there is nothing to change.
    ///
    /// Within `minReplicas..=maxReplicas`, but for one case: while there are more than `maxReplicas`, they
    /// leave only as their jobs end, and not at all while the queue is unknown.
    pub desired: u32,
    /// Whether to write `desired`: false when nothing changes, paused, in a dry run, or in a conflict.
    pub write: bool,
    pub reason: Reason,
    /// One sentence for people, with figures.
    pub message: String,
    /// What is known about the load.
    pub estimate: Estimate,
    /// More workers are needed than `maxReplicas` allows, some that were asked for are not ready yet, or workers start so
    /// slowly that only a higher `minReplicas` would keep the longest wait.
    pub limited: bool,
    /// Messages come back again and again and none gets done.
    pub poison_suspected: bool,
    /// Unknown observations in a row; 0 after a sample.
    pub failures: u32,
    /// The broker has been silent for so long that the fallback holds.
    pub fell_back: bool,
    /// The queue is unknown, but nobody has heard of it yet and the broker may still be starting: no fault so far.
    pub broker_starting: bool,
}

/// What decided. `Display` is the CamelCase word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// What waits asks for more workers than what comes.
    Backlog,
    /// The rate at which messages come.
    SteadyLoad,
    /// Fewer would do, but workers are busy.
    BusyFloor,
    /// Something is unknown, under way or too recent to change anything. With `fell_back` the number may
    /// have been raised.
    Hold,
    /// Nothing comes, waits or runs.
    Idle,
    /// `maxReplicas` binds, or new workers are not ready yet.
    Limited,
    /// The owner scales by hand; `desired` tells what would have been.
    Paused,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What is known about the load.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Messages per second that come; 0 or more.
    pub arrivals_per_second: f64,
    /// How long a job takes.
    pub service_time: Duration,
    /// How long a worker takes to start, as the last ones have shown; `None` before the first.
    pub startup: Option<Duration>,
    /// How long a message that comes now waits for a worker. `None` when the queue is unknown or no worker
    /// is ready.
    pub wait: Option<Duration>,
}
