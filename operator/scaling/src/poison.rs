use std::time::Duration;

use crate::rates::Change;

/// How long the signs must last, and how long they are remembered.
const PERIOD: Duration = Duration::from_secs(60);

/// Looks for messages that come back again and again and never get done. More workers would not help:
/// they would only wear out the redelivery limit sooner.
#[derive(Debug, Clone, Default)]
pub(crate) struct Poison {
    /// The first and the last time that it looked so, without a better sign between.
    signs: Option<(Duration, Duration)>,
}

impl Poison {
    /// Whether more than half of the deliveries were repeated and next to nothing (at most one in twenty)
    /// was acknowledged.
    pub(crate) fn is_sign(change: &Change) -> bool {
        match (change.delivered, change.redelivered, change.acked) {
            (Some(delivered), Some(redelivered), Some(acked)) => {
                delivered > 0
                    && redelivered.saturating_mul(2) > delivered
                    && acked.saturating_mul(20) <= delivered
            }
            _ => false,
        }
    }

    /// Takes in a change. During a rollout repeated deliveries are those of workers that leave.
    pub(crate) fn update(&mut self, now: Duration, change: &Change, rollout: bool) {
        if rollout {
            self.signs = None;
        } else if Self::is_sign(change) {
            let first = self.signs.map_or(now, |(first, _)| first);
            self.signs = Some((first, now));
        } else if change.delivered.unwrap_or(0) > 0 || change.acked.unwrap_or(0) > 0 {
            self.signs = None;
        }
    }

    /// Whether the signs have lasted for a minute and are not older than one.
    pub(crate) fn suspected(&self, now: Duration) -> bool {
        self.signs.is_some_and(|(first, last)| {
            last.saturating_sub(first) >= PERIOD && now.saturating_sub(last) <= PERIOD
        })
    }
}
