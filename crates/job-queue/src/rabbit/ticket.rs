use tokio::sync::mpsc;

use crate::consumer::Verdict;

/// What became of a message.
#[derive(Debug)]
pub(super) struct Settlement {
    /// The connection by which it came.
    pub(super) connection: u64,
    /// Its number on that connection.
    pub(super) tag: u64,
    pub(super) verdict: Verdict,
}

/// The duty to say what became of one message. Dropped, it says that the message goes back.
#[derive(Debug)]
pub(crate) struct Ticket {
    settle: mpsc::UnboundedSender<Settlement>,
    connection: u64,
    tag: u64,
    verdict: Verdict,
}

impl Ticket {
    pub(super) fn new(settle: mpsc::UnboundedSender<Settlement>, connection: u64, tag: u64) -> Ticket {
        Ticket { settle, connection, tag, verdict: Verdict::Requeue }
    }

    /// The connection by which the message came.
    pub(super) fn connection(&self) -> u64 {
        self.connection
    }

    pub(crate) fn settle(mut self, verdict: Verdict) {
        self.verdict = verdict;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Ticket { connection, tag, verdict, .. } = *self;
        // Nobody listens when the connection has been given up; then the broker has the message again anyway.
        let _ = self.settle.send(Settlement { connection, tag, verdict });
    }
}
