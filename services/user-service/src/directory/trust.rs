use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};

/// Until when the cache may be believed.
#[derive(Debug)]
pub(super) struct Trust {
    origin: Instant,
    /// In microseconds from `origin`.
    until: AtomicU64,
    /// Start of the last complete sweep.
    swept: watch::Sender<Option<Instant>>,
}

impl Trust {
    /// Not before the first sweep.
    pub(super) fn on_lease() -> Trust {
        Trust { origin: Instant::now(), until: AtomicU64::new(0), swept: watch::Sender::new(None) }
    }

    /// Always.
    pub(super) fn full() -> Trust {
        Trust { until: AtomicU64::new(u64::MAX), ..Trust::on_lease() }
    }

    /// Never.
    pub(super) fn none() -> Trust {
        Trust::on_lease()
    }

    /// Whether the cache may be believed now.
    pub(super) fn holds(&self) -> bool {
        self.micros(Instant::now()) < self.until.load(Ordering::Acquire)
    }

    /// A sweep that began at `start` is complete.
    pub(super) fn grant(&self, start: Instant, lease: Duration) {
        self.until.fetch_max(self.micros(start + lease), Ordering::AcqRel);
        self.swept.send_replace(Some(start));
    }

    /// From `start` on the database was away, and nothing can have changed: what may be believed, still may.
    pub(super) fn prolong(&self, start: Instant, lease: Duration) {
        if self.holds() {
            self.until.fetch_max(self.micros(start + lease), Ordering::AcqRel);
        }
    }

    /// Waits until no replica believes what the cache held before `instant`: until a sweep of this one that began
    /// later is complete, or else until every lease from before has run out.
    pub(super) async fn wait_for_sweep_after(&self, instant: Instant, lease: Duration) {
        let mut swept = self.swept.subscribe();
        let later = swept.wait_for(|start| start.is_some_and(|start| start > instant));
        // The time running out is as good; the sender lives as long as this.
        let _ = timeout(lease, later).await;
    }

    fn micros(&self, instant: Instant) -> u64 {
        u64::try_from(instant.duration_since(self.origin).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(60);

    #[test]
    fn a_lease_runs_from_the_start_of_the_sweep() {
        let trust = Trust::on_lease();
        assert!(!trust.holds());
        trust.prolong(Instant::now(), LEASE);
        assert!(!trust.holds(), "nothing to prolong");
        trust.grant(Instant::now(), Duration::ZERO);
        assert!(!trust.holds(), "over already");
        trust.grant(Instant::now(), LEASE);
        assert!(trust.holds());
        assert!(Trust::full().holds());
        assert!(!Trust::none().holds());
    }

    #[tokio::test]
    async fn a_writer_waits_for_a_sweep_that_began_later() {
        let trust = Trust::on_lease();
        let before = Instant::now();
        let committed = before + Duration::from_micros(1);
        trust.grant(before, LEASE);
        let mut waiting = std::pin::pin!(trust.wait_for_sweep_after(committed, LEASE));
        assert!(futures::poll!(&mut waiting).is_pending());
        trust.grant(committed + Duration::from_micros(1), LEASE);
        waiting.await;
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_sweep_a_writer_waits_for_the_end_of_the_lease() {
        let start = tokio::time::Instant::now();
        Trust::on_lease().wait_for_sweep_after(Instant::now(), LEASE).await;
        assert!(start.elapsed() >= LEASE);
    }
}
