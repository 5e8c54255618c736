use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntGauge, Registry};

/// Bucket bounds in seconds of `messaging.process.duration`, from OpenTelemetry's semantic conventions.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// What is measured of jobs.
#[derive(Clone, Debug)]
pub struct JobMetrics {
    duration: HistogramVec,
    active: IntGauge,
}

impl JobMetrics {
    /// Registers `messaging_process_duration_seconds{outcome}` and `messaging_process_active`.
    ///
    /// # Errors
    /// When the registry has them already.
    pub fn register(registry: &Registry) -> Result<JobMetrics, prometheus::Error> {
        let options = HistogramOpts::new(
            "messaging_process_duration_seconds",
            "Time from a message's delivery to its acknowledgement, by how that ended",
        )
        .buckets(BUCKETS.to_vec());
        let duration = HistogramVec::new(options, &["outcome"])?;
        registry.register(Box::new(duration.clone()))?;
        let active = IntGauge::new(
            "messaging_process_active",
            "Messages that are being processed: taken up, and not acknowledged or given back yet",
        )?;
        registry.register(Box::new(active.clone()))?;
        Ok(JobMetrics { duration, active })
    }

    /// One message more is at work, until this is dropped.
    pub(crate) fn begin(&self) -> AtWork {
        self.active.inc();
        AtWork(self.active.clone())
    }

    pub(crate) fn processed(&self, outcome: &str, took: Duration) {
        self.duration.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }
}

/// A message at work.
pub(crate) struct AtWork(IntGauge);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.dec();
    }
}
