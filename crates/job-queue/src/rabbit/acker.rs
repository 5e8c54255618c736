use tokio::sync::mpsc;

use crate::consumer::Settlement;

#[derive(Debug)]
pub(super) struct Settled {
    pub(super) connection: u64,
    pub(super) tag: u64,
    pub(super) settlement: Settlement,
}

/// The duty to say what became of one message. Dropped, it says that the message goes back.
#[derive(Debug)]
pub(crate) struct Acker {
    settle: mpsc::UnboundedSender<Settled>,
    connection: u64,
    tag: u64,
    settlement: Settlement,
}

impl Acker {
    pub(super) fn new(settle: mpsc::UnboundedSender<Settled>, connection: u64, tag: u64) -> Acker {
        Acker { settle, connection, tag, settlement: Settlement::Requeue }
    }

    pub(super) fn connection(&self) -> u64 {
        self.connection
    }

    pub(crate) fn settle(mut self, settlement: Settlement) {
        self.settlement = settlement;
    }
}

impl Drop for Acker {
    fn drop(&mut self) {
        let Acker { connection, tag, settlement, .. } = *self;
        // Nobody listens when the connection has been given up; then the broker has the message again anyway.
        let _ = self.settle.send(Settled { connection, tag, settlement });
    }
}
