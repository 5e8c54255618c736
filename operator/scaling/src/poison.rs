use std::time::Duration;

use crate::rates::Change;

/// How long the signs must last, and how long they are remembered.
const PERIOD: Duration = Duration::from_secs(60);

/// Looks for messages that come back again and again and never get done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Poison {
    undone: Signs,
    stuck: Signs,
}

impl Poison {
    /// Whether more than half of the deliveries were repeated and next to nothing (at most one in twenty) was done.
    fn is_sign(change: &Change) -> bool {
        repeated(change) && at_most(change.acked, change, 20)
    }

    /// Whether besides none is given up by the broker either: at most one in fifty is gone, though with the delivery limit
    /// of a quorum queue it is one in twenty.
    pub(crate) fn is_stuck(change: &Change) -> bool {
        repeated(change) && at_most(change.left, change, 50)
    }

    /// Takes in a change. During a rollout repeated deliveries are those of workers that leave.
    pub(crate) fn update(&mut self, now: Duration, change: &Change, rollout: bool) {
        if rollout {
            *self = Poison::default();
            return;
        }
        let active = change.delivered.unwrap_or(0) > 0 || change.left.unwrap_or(0) > 0;
        self.undone.update(now, Self::is_sign(change), active);
        self.stuck.update(now, Self::is_stuck(change), active);
    }

    /// Whether nothing gets done, though much is tried.
    pub(crate) fn suspected(&self, now: Duration) -> bool {
        self.undone.last(now)
    }

    /// Whether the messages stay whatever is tried, so that more workers would only fail faster. Where the broker gives
    /// such messages up, workers get through them, and more of them get sooner to the good ones behind.
    pub(crate) fn is_futile(&self, now: Duration) -> bool {
        self.stuck.last(now)
    }
}

fn repeated(change: &Change) -> bool {
    let (delivered, redelivered) = (change.delivered.unwrap_or(0), change.redelivered.unwrap_or(0));
    delivered > 0 && redelivered.saturating_mul(2) > delivered
}

/// Whether what is known to be `done` is at most one in so many deliveries.
fn at_most(done: Option<u64>, change: &Change, one_in: u64) -> bool {
    done.is_some_and(|done| done.saturating_mul(one_in) <= change.delivered.unwrap_or(0))
}

/// The first and the last time that it looked so, without a better sign between.
#[derive(Debug, Clone, Default)]
struct Signs(Option<(Duration, Duration)>);

impl Signs {
    fn update(&mut self, now: Duration, sign: bool, active: bool) {
        if sign {
            let first = self.0.map_or(now, |(first, _)| first);
            self.0 = Some((first, now));
        } else if active {
            self.0 = None;
        }
    }

    /// Whether they have lasted for a minute and are not older than one.
    fn last(&self, now: Duration) -> bool {
        self.0.is_some_and(|(first, last)| {
            last.saturating_sub(first) >= PERIOD && now.saturating_sub(last) <= PERIOD
        })
    }
}
