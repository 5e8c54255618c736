use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use scaling::Unknown;
use tokio::time::Instant;

use crate::unknown::unknown;

/// Shortest and longest pause between attempts to connect, before jitter, which at most doubles them. The longest is
/// what a broker that is back may wait to be noticed.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// Keeps a broker that refuses connections from being asked for one at each observation.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failing: Option<Failing>,
}

#[derive(Debug)]
struct Failing {
    pauses: ExponentialBackoff,
    last: Unknown,
    until: Instant,
}

impl Backoff {
    /// Fails during a pause, with what the last attempt has said.
    pub(super) fn check(&self) -> Result<(), Unknown> {
        match &self.failing {
            Some(Failing { last, until, .. }) if Instant::now() < *until => {
                let rest = until.saturating_duration_since(Instant::now()).as_secs_f64();
                Err(unknown(last.kind, format!("{}; the next attempt follows in {rest:.1} s", last.message)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn failed(&mut self, failure: &Unknown) {
        let mut pauses = self.failing.take().map_or_else(pauses, |failing| failing.pauses);
        let until = Instant::now() + pauses.next().unwrap_or(PAUSES.1);
        self.failing = Some(Failing { pauses, last: failure.clone(), until });
    }

    pub(super) fn succeeded(&mut self) {
        self.failing = None;
    }
}

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(PAUSES.0)
        .with_max_delay(PAUSES.1)
        .with_jitter()
        .without_max_times()
        .build()
}
