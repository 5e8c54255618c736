use std::time::Duration;

use prometheus::{Gauge, GaugeVec, HistogramOpts, HistogramVec, IntGauge, Opts, Registry};

/// Bucket bounds in seconds of `messaging.process.duration`, from OpenTelemetry's semantic conventions.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Bounds in seconds of the time from an order to its end; 30 is the longest wait that is promised.
const TURNAROUND: [f64; 12] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

/// What is measured of jobs.
#[derive(Clone, Debug)]
pub struct JobMetrics {
    duration: HistogramVec,
    active: IntGauge,
    turnaround: HistogramVec,
}

impl JobMetrics {
    /// Registers `messaging_process_duration_seconds{outcome}`, `messaging_process_active` and
    /// `worker_job_turnaround_seconds{outcome}`.
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
        let options =
            HistogramOpts::new("worker_job_turnaround_seconds", "Time from a job's order to its end");
        let turnaround = HistogramVec::new(options.buckets(TURNAROUND.to_vec()), &["outcome"])?;
        registry.register(Box::new(turnaround.clone()))?;
        Ok(JobMetrics { duration, active, turnaround })
    }

    /// One message more is being processed, until this is dropped.
    pub(crate) fn begin(&self) -> Running {
        self.active.inc();
        Running(self.active.clone())
    }

    pub(crate) fn processed(&self, outcome: &str, took: Duration) {
        self.duration.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }

    /// `since_order` is in seconds.
    pub(crate) fn ended(&self, outcome: &str, since_order: f64) {
        self.turnaround.with_label_values(&[outcome]).observe(since_order);
    }
}

/// What waits: in the queue, in the outbox, and for an attempt. `NaN` while it cannot be looked at.
#[derive(Clone, Debug)]
pub(crate) struct BacklogMetrics {
    pub(crate) work: Gauge,
    pub(crate) dead: Gauge,
    pub(crate) parked: Gauge,
    pub(crate) outbox: Gauge,
    pub(crate) outbox_age: Gauge,
    pub(crate) queued_age: Gauge,
}

impl BacklogMetrics {
    /// Registers `messaging_queue_messages{messaging_destination}`, `worker_outbox_messages`,
    /// `worker_outbox_oldest_age_seconds` and `worker_oldest_queued_job_age_seconds`.
    pub(crate) fn register(registry: &Registry) -> Result<BacklogMetrics, prometheus::Error> {
        let messages = GaugeVec::new(
            Opts::new(
                "messaging_queue_messages",
                "Messages ready in the queue, among its dead letters, and parked for other installations",
            ),
            &["messaging_destination"],
        )?;
        registry.register(Box::new(messages.clone()))?;
        let gauge = |name: &str, help: &str| {
            let gauge = Gauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(BacklogMetrics {
            work: messages.with_label_values(&["work"]),
            dead: messages.with_label_values(&["dead"]),
            parked: messages.with_label_values(&["parked"]),
            outbox: gauge("worker_outbox_messages", "Messages that are due to be published")?,
            outbox_age: gauge(
                "worker_outbox_oldest_age_seconds",
                "Time for which the oldest of these has been due",
            )?,
            queued_age: gauge(
                "worker_oldest_queued_job_age_seconds",
                "Time since the order of the oldest job that waits for an attempt",
            )?,
        })
    }
}

/// A message that is being processed.
pub(crate) struct Running(IntGauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}
