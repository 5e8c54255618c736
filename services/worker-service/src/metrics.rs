use std::time::Duration;

use metrics::{Counted, REQUEST_SECONDS, metrics};

/// Bounds in seconds of the time from an order to its end; 30 is the longest wait that is promised.
const TURNAROUND: [f64; 12] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

metrics! {
    /// What is measured of jobs.
    pub struct JobMetrics {
        /// Time from a message's delivery to its acknowledgement, by how that ended
        duration: HistogramVec = "messaging_process_duration_seconds" ["outcome"] in REQUEST_SECONDS;
        /// Messages that are being processed: taken up, and not acknowledged or given back yet
        active: IntGauge = "messaging_process_active";
        /// Time from a job's order to its end, of jobs that somebody waits for
        turnaround: HistogramVec = "worker_job_turnaround_seconds" ["outcome"] in TURNAROUND;
    }
}

impl JobMetrics {
    /// One message more is being processed, until this is dropped.
    pub(crate) fn begin(&self) -> Counted {
        Counted::new(&self.active)
    }

    /// Messages that are being processed now.
    pub(crate) fn in_flight(&self) -> u64 {
        u64::try_from(self.active.get()).unwrap_or(0)
    }

    pub(crate) fn processed(&self, outcome: &str, took: Duration) {
        self.duration.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }

    /// `since_order` is in seconds.
    pub(crate) fn ended(&self, outcome: &str, since_order: f64) {
        self.turnaround.with_label_values(&[outcome]).observe(since_order);
    }
}

metrics! {
    /// What is measured of mails.
    pub struct MailMetrics {
        /// Mails by what became of an attempt to send them: sent, deferred (it is tried again), bounced (nobody has the address) or failed
        pub(crate) mails: IntCounterVec = "worker_mails_total" ["outcome"], at 0 for [["sent"], ["deferred"], ["bounced"], ["failed"]];
    }
}

metrics! {
    /// What is measured of mails that come in.
    pub struct InboundMailMetrics {
        /// Mails that came in, by what they changed: taken (an answer to a meeting, or an address that nobody has), unchanged (it is known, or too old), ignored (neither), refused (not signed by who may hand mails over) or failed (user-service could not be asked; it comes again)
        pub(crate) mails: IntCounterVec = "worker_inbound_mails_total" ["outcome"], at 0 for [["taken"], ["unchanged"], ["ignored"], ["refused"], ["failed"]];
    }
}

#[cfg(feature = "distributed")]
metrics! {
    /// What is measured of the mailbox that answers come to.
    pub(crate) struct MailboxMetrics {
        /// Times at which the mailbox was looked at, by how that ended: read (all that was new is taken) or failed
        pub(crate) reads: IntCounterVec = "worker_mailbox_reads_total" ["outcome"], at 0 for [["read"], ["failed"]];
    }
}

metrics! {
    /// What is measured of calendars that people subscribe to.
    pub struct CalendarMetrics {
        /// Times at which a calendar was asked for, by what came of it: content, unchanged or failed
        pub(crate) fetches: IntCounterVec = "worker_calendar_fetches_total" ["outcome"], at 0 for [["content"], ["unchanged"], ["failed"]];
    }
}

metrics! {
    /// What waits: in the queue, in the outbox, and for an attempt. `NaN` while it cannot be looked at.
    pub(crate) struct BacklogMetrics {
        /// Messages ready in the queue, among its dead letters, and parked for other installations
        pub(crate) messages: GaugeVec = "messaging_queue_messages" ["messaging_destination"];
        /// Messages that are due to be published
        pub(crate) outbox: Gauge = "worker_outbox_messages";
        /// Time for which the oldest of these has been due
        pub(crate) outbox_age: Gauge = "worker_outbox_oldest_age_seconds";
        /// Time since the order of the oldest job that waits for an attempt, besides mails
        pub(crate) queued_age: Gauge = "worker_oldest_queued_job_age_seconds";
    }
}
