use metrics::{Counted, metrics};

use super::News;

metrics! {
    /// Who listens to polls, and what they are told.
    pub(super) struct LiveMetrics {
        /// Who listens to a poll on this replica
        listeners: IntGauge = "poll_event_listeners";
        /// Events that listeners were sent
        sent: IntCounterVec = "poll_events_sent_total" ["event"],
            at 0 for [["change"], ["reset"], ["heartbeat"], ["gone"]];
    }
}

impl LiveMetrics {
    /// Somebody listens until this is dropped.
    pub(super) fn listens(&self) -> Counted {
        Counted::new(&self.listeners)
    }

    pub(super) fn sent(&self, news: &News) {
        self.sent.with_label_values(&[news.name()]).inc();
    }
}
