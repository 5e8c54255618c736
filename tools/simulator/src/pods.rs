//! One worker.

use std::collections::VecDeque;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Pod {
    /// Names have no order, so the last tie of a choice is broken by chance.
    pub(crate) uid: u64,
    pub(crate) created: Duration,
    pub(crate) phase: Phase,
    /// Delivered and not begun.
    pub(crate) waiting: VecDeque<usize>,
    /// Begun and not ended.
    pub(crate) running: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    /// Ready since this time.
    Ready(Duration),
    /// Told to end: it finishes what runs and takes nothing new.
    Ending,
}

/// Where a pod stands when some have to go; the lowest goes first.
///
/// Source: `ActivePodsWithRanks` of Kubernetes: pods that are not Ready before those that are, then the lower deletion
/// cost, then the shorter time since it became Ready (or was created) by powers of two, then the names. Which node a pod
/// is on and how often it has restarted are left out.
pub(crate) type Rank = (bool, u64, u32, u64);

impl Pod {
    pub(crate) fn held(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready(_))
    }

    pub(crate) fn rank(&self, now: Duration, cost: u64) -> Rank {
        let since = if let Phase::Ready(since) = self.phase { since } else { self.created };
        let age = (now - since).as_nanos().checked_ilog2().map_or(0, |power| power + 1);
        (self.is_ready(), cost, age, self.uid)
    }
}
