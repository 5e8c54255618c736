use std::collections::BTreeMap;

use bytes::Bytes;

/// The header of a dead letter that says why it is one.
pub const REASON: &str = "x-reason";

/// The header that counts how often a message was parked.
const PARKED: &str = "x-parked";

/// What is put into a queue and comes out of it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Tells messages apart; at most 255 bytes.
    pub id: String,
    /// What the message belongs to, such as a request; at most 255 bytes.
    pub correlation_id: String,
    /// Names (at most 255 bytes each) and texts that go along, such as a trace context.
    pub headers: BTreeMap<String, String>,
    /// Above 4 it comes before others; RabbitMQ regards that in quorum queues from 4.0 on.
    pub priority: u8,
    pub body: Bytes,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination {
    Work,
    Dead,
    /// Back into the work queue, after some seconds.
    Parked,
}

impl Destination {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Destination::Work => "work",
            Destination::Dead => "dead",
            Destination::Parked => "parked",
        }
    }
}

impl Message {
    /// The longest id, correlation id or name of a header in bytes (AMQP's short string).
    pub const MAX_SHORT: usize = 255;

    pub(crate) fn dead(&self, reason: &str) -> Message {
        let mut dead = self.clone();
        dead.headers.insert(REASON.to_owned(), reason.to_owned());
        dead
    }

    /// How often it was parked, see [`crate::Queue::park`].
    pub fn times_parked(&self) -> u32 {
        self.headers.get(PARKED).and_then(|count| count.parse().ok()).unwrap_or_default()
    }

    pub(crate) fn parked(&self) -> Message {
        let mut parked = self.clone();
        parked.headers.insert(PARKED.to_owned(), (self.times_parked() + 1).to_string());
        parked
    }

    /// Whether it comes before others.
    pub(crate) fn is_urgent(&self) -> bool {
        self.priority > 4
    }

    /// Whether everything fits into AMQP's short strings.
    pub(crate) fn fits(&self) -> bool {
        let mut shorts = [&self.id, &self.correlation_id].into_iter().chain(self.headers.keys());
        shorts.all(|text| text.len() <= Self::MAX_SHORT)
    }
}
