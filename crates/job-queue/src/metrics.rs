use std::time::Duration;

use metrics::{REQUEST_SECONDS, metrics};

use crate::PublishError;

metrics! {
    /// What a queue measures, named by OpenTelemetry's semantic conventions for messaging.
    pub struct QueueMetrics {
        /// Messages sent to the work queue, to its dead letters or to be parked, by how that ended
        published: IntCounterVec = "messaging_client_published_messages_total" ["messaging_destination", "outcome"],
            at 0 for ["work", "dead", "parked"].map(|destination| [destination, "confirmed"]);
        /// Time from sending a message to its confirmation
        publish_duration: Histogram = "messaging_client_publish_duration_seconds" in REQUEST_SECONDS;
        /// Messages that were delivered
        consumed: IntCounter = "messaging_client_consumed_messages_total";
        /// Messages that were delivered and had been delivered before
        redelivered: IntCounter = "messaging_client_redelivered_messages_total";
        /// Deliveries acknowledged (ack) or returned
        settled: IntCounterVec = "messaging_client_settled_messages_total" ["outcome"];
        /// Dead letters that were deleted because there were too many
        discarded: IntCounter = "messaging_client_discarded_messages_total";
        /// 1 while the connection to the broker can be used
        up: IntGaugeVec = "messaging_client_up" ["role"];
    }
}

impl QueueMetrics {
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
    #[cfg(feature = "rabbitmq")]
    pub(crate) fn up(&self, role: &str) -> prometheus::IntGauge {
        self.up.with_label_values(&[role])
    }
}
