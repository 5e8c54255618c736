use std::time::Duration;

use retry::{Backoff, Pauses};
use scaling::Unknown;
use tokio::time::Instant;

use crate::unknown::unknown;

/// Shortest and longest pause between attempts to connect, before jitter, which at most doubles them. The longest is
/// what a broker that is back may wait to be noticed.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(2));

/// Keeps a broker that refuses connections from being asked for one at each observation.
#[derive(Debug, Default)]
pub(super) struct Reconnect {
    failing: Option<Failing>,
}

#[derive(Debug)]
struct Failing {
    pauses: Pauses,
    last: Unknown,
    until: Instant,
}

impl Reconnect {
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
        let mut pauses = self.failing.take().map_or_else(|| BACKOFF.pauses(), |failing| failing.pauses);
        let until = Instant::now() + pauses.next().unwrap_or(BACKOFF.longest);
        self.failing = Some(Failing { pauses, last: failure.clone(), until });
    }

    pub(super) fn succeeded(&mut self) {
        self.failing = None;
    }
}
