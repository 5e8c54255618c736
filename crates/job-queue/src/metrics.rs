use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

use crate::PublishError;

/// Bucket bounds in seconds of `messaging.client.operation.duration`, from OpenTelemetry's semantic conventions.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// What a queue measures, named by OpenTelemetry's semantic conventions for messaging. Clones count together.
#[derive(Clone, Debug)]
pub struct QueueMetrics {
    published: IntCounterVec,
    publish_duration: Histogram,
    consumed: IntCounter,
    redelivered: IntCounter,
    settled: IntCounterVec,
    discarded: IntCounter,
    up: IntGaugeVec,
}

impl QueueMetrics {
    /// Registers `messaging_client_published_messages_total{messaging_destination,outcome}`,
    /// `messaging_client_publish_duration_seconds`, `messaging_client_consumed_messages_total`,
    /// `messaging_client_redelivered_messages_total`, `messaging_client_settled_messages_total{outcome}`,
    /// `messaging_client_discarded_messages_total` and `messaging_client_up{role}`.
    ///
    /// # Errors
    /// When the registry has them already: a service has one queue.
    pub fn register(registry: &Registry) -> Result<QueueMetrics, prometheus::Error> {
        let published = IntCounterVec::new(
            Opts::new(
                "messaging_client_published_messages_total",
                "Messages sent to the work queue, to its dead letters or to be parked, by how that ended",
            ),
            &["messaging_destination", "outcome"],
        )?;
        let publish_duration = Histogram::with_opts(
            HistogramOpts::new(
                "messaging_client_publish_duration_seconds",
                "Time from sending a message to its confirmation",
            )
            .buckets(BUCKETS.to_vec()),
        )?;
        let consumed =
            IntCounter::new("messaging_client_consumed_messages_total", "Messages that were delivered")?;
        let redelivered = IntCounter::new(
            "messaging_client_redelivered_messages_total",
            "Messages that were delivered and had been delivered before",
        )?;
        let settled = IntCounterVec::new(
            Opts::new("messaging_client_settled_messages_total", "Deliveries acknowledged (ack) or returned"),
            &["outcome"],
        )?;
        let discarded = IntCounter::new(
            "messaging_client_discarded_messages_total",
            "Dead letters that were deleted because there were too many",
        )?;
        let up = IntGaugeVec::new(
            Opts::new("messaging_client_up", "1 while the connection to the broker can be used"),
            &["role"],
        )?;
        registry.register(Box::new(published.clone()))?;
        registry.register(Box::new(publish_duration.clone()))?;
        registry.register(Box::new(consumed.clone()))?;
        registry.register(Box::new(redelivered.clone()))?;
        registry.register(Box::new(settled.clone()))?;
        registry.register(Box::new(discarded.clone()))?;
        registry.register(Box::new(up.clone()))?;
        // A counter that appears at 1 has not grown as far as Prometheus can tell; so the usual ones begin at 0.
        for destination in ["work", "dead", "parked"] {
            published.with_label_values(&[destination, "confirmed"]);
        }
        Ok(QueueMetrics { published, publish_duration, consumed, redelivered, settled, discarded, up })
    }

    pub(crate) fn publish_ended(
        &self,
        destination: &str,
        outcome: &Result<(), PublishError>,
        took: Duration,
    ) {
        let label = match outcome {
            Ok(()) => "confirmed",
            Err(error) => error.label(),
        };
        self.published.with_label_values(&[destination, label]).inc();
        if outcome.is_ok() {
            self.publish_duration.observe(took.as_secs_f64());
        }
    }

    pub(crate) fn delivered(&self, redelivered: bool) {
        self.consumed.inc();
        if redelivered {
            self.redelivered.inc();
        }
    }

    pub(crate) fn settled(&self, outcome: &str) {
        self.settled.with_label_values(&[outcome]).inc();
    }

    pub(crate) fn discarded(&self, count: usize) {
        self.discarded.inc_by(count as u64);
    }

    /// Whether the connection that does this `role` (`publisher` or `consumer`) can be used.
    pub(crate) fn up(&self, role: &str) -> IntGauge {
        self.up.with_label_values(&[role])
    }
}
