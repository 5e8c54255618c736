//! A quorum queue: what lies ready, what workers hold, and what the broker tells about it.

use std::collections::BTreeSet;

use scaling::Sample;

use crate::load::Job;

/// One queue. Messages are numbered in the order of their publication, which is the order of the queue: one that comes
/// back takes its old place.
#[derive(Debug)]
pub(crate) struct Broker {
    urgent: BTreeSet<usize>,
    /// Messages of a lower priority.
    mails: BTreeSet<usize>,
    /// Which messages these are.
    is_mail: Vec<bool>,
    /// Urgent messages that were delivered one after the other while mails waited.
    urgent_in_turn: u32,
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

    /// While both wait, a message of the lower priority is delivered after so many urgent ones: quorum queues since
    /// RabbitMQ 4.0.
    const URGENT_IN_TURN: u32 = 2;

    /// An empty queue that will get these messages in all.
    pub(crate) fn new(jobs: &[Job]) -> Broker {
        Broker {
            urgent: BTreeSet::new(),
            mails: BTreeSet::new(),
            is_mail: jobs.iter().map(|job| job.mail).collect(),
            urgent_in_turn: 0,
            returns: vec![0; jobs.len()],
            counters: Counters::default(),
            told: Counters::default(),
            given_up: Vec::new(),
        }
    }

    pub(crate) fn tick(&mut self) {
        self.told = self.counters;
    }

    pub(crate) fn publish(&mut self, message: usize) {
        self.lay_ready(message);
        self.counters.published += 1;
    }

    fn lay_ready(&mut self, message: usize) {
        let ready = if self.is_mail[message] { &mut self.mails } else { &mut self.urgent };
        ready.insert(message);
        self.counters.ready += 1;
    }

    fn first(&mut self) -> Option<usize> {
        let is_mails_turn = self.urgent.is_empty() || self.urgent_in_turn >= Self::URGENT_IN_TURN;
        if !self.mails.is_empty() && is_mails_turn {
            self.urgent_in_turn = 0;
            return self.mails.pop_first();
        }
        self.urgent_in_turn = if self.mails.is_empty() { 0 } else { self.urgent_in_turn + 1 };
        self.urgent.pop_first()
    }

    /// The first message goes to a worker.
    pub(crate) fn deliver(&mut self) -> Option<usize> {
        let message = self.first()?;
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
            self.lay_ready(message);
        }
    }
}
