//! What is published to a queue over time.

use std::ops::Range;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Second {
    /// Messages published in this second: their expected number, or just their number in an exact trace.
    pub publishes: f64,
    /// Mean time that a worker needs for one of them.
    pub service: Duration,
    /// Expected number of further messages that no worker can do: each run of their jobs fails after
    /// [`Trace::FAILS_AFTER`], and they are given back until the broker gives them up.
    pub poison: f64,
    /// Expected number of further messages that are not urgent and take [`Trace::MAIL`] each, such as mails.
    pub mails: f64,
}

/// What is published to a queue, second by second, and when the broker's answers are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// One word, as it stands in file names.
    pub name: String,
    /// One sentence for people.
    pub about: String,
    /// From the start on; the trace is as long as there are seconds.
    pub seconds: Vec<Second>,
    /// Each second has just so many publishes; otherwise the number is drawn from a Poisson distribution.
    pub exact: bool,
    /// Standard deviation of the service time over its mean; 0 for jobs that all take the same time.
    pub spread: f64,
    /// What the owner of the queue believes the service time to be.
    pub hint: Duration,
    /// The broker answers no question in these times, counted from the start; it goes on delivering.
    pub outages: Vec<Range<Duration>>,
}

impl Trace {
    /// A job that no worker can do fails after this time.
    pub const FAILS_AFTER: Duration = Duration::from_millis(200);

    /// A job that is not urgent takes this time.
    pub const MAIL: Duration = Duration::from_millis(20);

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.len() as u64)
    }
}
