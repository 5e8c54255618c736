use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};

/// Until when this replica may use the cache. Each complete sweep renews it for the same time from its start.
#[derive(Debug)]
pub(super) struct CacheLease {
    origin: Instant,
    length: Duration,
    /// In microseconds from `origin`.
    until: AtomicU64,
    /// The latest change of this replica that a sweep has to tell the cache of, as `until`.
    latest_unswept: AtomicU64,
    /// Start of the last complete sweep.
    swept: watch::Sender<Option<Instant>>,
}

impl CacheLease {
    /// Not held before the first sweep.
    pub(super) fn new(length: Duration) -> CacheLease {
        CacheLease {
            origin: Instant::now(),
            length,
            until: AtomicU64::new(0),
            latest_unswept: AtomicU64::new(0),
            swept: watch::Sender::new(None),
        }
    }

    /// Always held: nobody else has the cache.
    pub(super) fn unlimited(length: Duration) -> CacheLease {
        CacheLease { until: AtomicU64::new(u64::MAX), ..CacheLease::new(length) }
    }

    pub(super) fn is_held(&self) -> bool {
        self.micros(Instant::now()) < self.until.load(Ordering::Acquire)
    }

    /// A sweep that began at `start` is complete.
    pub(super) fn renew(&self, start: Instant) {
        self.until.fetch_max(self.micros(start + self.length), Ordering::AcqRel);
        self.swept.send_replace(Some(start));
    }

    /// From `start` on nobody could reach the database, so nothing changed: what may be used, still may. But not when
    /// a change from before waits for a sweep.
    pub(super) fn extend(&self, start: Instant) {
        let swept = self.swept.borrow().map_or(0, |start| self.micros(start));
        if self.is_held() && self.latest_unswept.load(Ordering::Acquire) <= swept {
            self.until.fetch_max(self.micros(start + self.length), Ordering::AcqRel);
        }
    }

    /// Waits until no replica uses what the cache held before `instant`: until a sweep of this one that began later
    /// is complete, or else until every lease from before has run out.
    pub(super) async fn wait_for_sweep_after(&self, instant: Instant) {
        self.latest_unswept.fetch_max(self.micros(instant), Ordering::AcqRel);
        let mut swept = self.swept.subscribe();
        let later = swept.wait_for(|start| start.is_some_and(|start| start > instant));
        // The time running out is as good; the sender lives as long as this.
        let _ = timeout(self.length, later).await;
    }

    fn micros(&self, instant: Instant) -> u64 {
        u64::try_from(instant.duration_since(self.origin).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(60);
    const INSTANT: Duration = Duration::from_micros(1);

    #[test]
    fn a_lease_runs_from_the_start_of_the_sweep_and_only_a_held_one_is_extended() {
        let (lease, short) = (CacheLease::new(LENGTH), CacheLease::new(Duration::ZERO));
        lease.extend(Instant::now());
        assert!(!lease.is_held(), "nothing to extend");
        short.renew(Instant::now());
        assert!(!short.is_held(), "over already");
        lease.renew(Instant::now());
        assert!(lease.is_held());
        assert!(CacheLease::unlimited(LENGTH).is_held());
    }

    #[tokio::test]
    async fn a_lease_is_not_extended_while_a_change_waits_for_a_sweep() {
        let lease = CacheLease::new(LENGTH);
        lease.renew(lease.origin);
        let end = lease.until.load(Ordering::Acquire);
        let waiting = lease.wait_for_sweep_after(lease.origin + INSTANT);
        assert!(futures::FutureExt::now_or_never(waiting).is_none());
        lease.extend(lease.origin + 2 * INSTANT);
        assert_eq!(lease.until.load(Ordering::Acquire), end);
        lease.renew(lease.origin + 3 * INSTANT);
        lease.extend(lease.origin + 4 * INSTANT);
        assert_eq!(lease.until.load(Ordering::Acquire), end + 4);
    }

    #[tokio::test]
    async fn a_writer_waits_for_a_sweep_that_began_later() {
        let lease = CacheLease::new(LENGTH);
        let before = Instant::now();
        lease.renew(before);
        let mut waiting = std::pin::pin!(lease.wait_for_sweep_after(before + INSTANT));
        assert!(futures::poll!(&mut waiting).is_pending());
        lease.renew(before + 2 * INSTANT);
        waiting.await;
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_sweep_a_writer_waits_for_the_end_of_the_lease() {
        let start = tokio::time::Instant::now();
        CacheLease::new(LENGTH).wait_for_sweep_after(Instant::now()).await;
        assert!(start.elapsed() >= LENGTH);
    }
}
