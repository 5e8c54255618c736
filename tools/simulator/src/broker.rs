//! A quorum queue: what lies ready, what workers hold, and what the broker tells about it.

use std::collections::BTreeSet;

use scaling::Sample;

/// One queue. Messages are numbered in the order of their publication, which is the order of the queue: one that comes
/// back takes its old place.
#[derive(Debug)]
pub(crate) struct Broker {
    ready: BTreeSet<usize>,
    returns: Vec<u32>,
    pub(crate) counters: Counters,
    /// At the last tick.
    pub(crate) told: Counters,
    /// Given up after too many returns.
    pub(crate) given_up: Vec<usize>,
}

/// What the management API tells of a queue. All but `ready`, `unacked` and `consumers` are totals.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    pub(crate) ready: u64,
    pub(crate) unacked: u64,
    pub(crate) consumers: u64,
    published: u64,
    acked: u64,
    delivered: u64,
    redelivered: u64,
}

impl Counters {
    /// As the management API tells it.
    pub(crate) fn whole(&self) -> Sample {
        Sample {
            ready: self.ready,
            unacked: Some(self.unacked),
            consumers: self.consumers,
            published: Some(self.published),
            acked: Some(self.acked),
            delivered: Some(self.delivered),
            redelivered: Some(self.redelivered),
        }
    }

    /// As a passive declaration tells it.
    pub(crate) fn declared(&self) -> Sample {
        Sample {
            ready: self.ready,
            unacked: None,
            consumers: self.consumers,
            published: None,
            acked: None,
            delivered: None,
            redelivered: None,
        }
    }
}

impl Broker {
    /// Between two ticks, in seconds: `collect_statistics_interval`.
    pub(crate) const TICK: u64 = 5;
    /// Returns of one message after which a quorum queue gives it up: the default since RabbitMQ 4.0.
    const DELIVERY_LIMIT: u32 = 20;

    /// An empty queue that will get `messages` in all.
    pub(crate) fn new(messages: usize) -> Broker {
        Broker {
            ready: BTreeSet::new(),
            returns: vec![0; messages],
            counters: Counters::default(),
            told: Counters::default(),
            given_up: Vec::new(),
        }
    }

    pub(crate) fn tick(&mut self) {
        self.told = self.counters;
    }

    pub(crate) fn publish(&mut self, message: usize) {
        self.ready.insert(message);
        self.counters.published += 1;
        self.counters.ready += 1;
    }

    /// The first message goes to a worker.
    pub(crate) fn deliver(&mut self) -> Option<usize> {
        let message = self.ready.pop_first()?;
        self.counters.ready -= 1;
        self.counters.unacked += 1;
        self.counters.delivered += 1;
        if self.returns[message] > 0 {
            self.counters.redelivered += 1;
        }
        Some(message)
    }

    pub(crate) fn ack(&mut self) {
        self.counters.unacked -= 1;
        self.counters.acked += 1;
    }

    /// A worker gives a message back, or has gone while it held it. Every return counts, as up to RabbitMQ 4.2.
    pub(crate) fn give_back(&mut self, message: usize) {
        self.counters.unacked -= 1;
        self.returns[message] += 1;
        if self.returns[message] >= Self::DELIVERY_LIMIT {
            self.given_up.push(message);
        } else {
            self.ready.insert(message);
            self.counters.ready += 1;
        }
    }
}
