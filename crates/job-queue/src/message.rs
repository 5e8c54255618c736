use std::collections::BTreeMap;

use bytes::Bytes;

/// The header of a dead letter that says why it is one.
pub const REASON: &str = "x-reason";

/// What is put into a queue and comes out of it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Tells messages apart; at most 255 bytes.
    pub id: String,
    /// What the message belongs to, such as a request; at most 255 bytes.
    pub correlation_id: String,
    /// Names (at most 255 bytes each) and texts that go along, such as a trace context.
    pub headers: BTreeMap<String, String>,
    /// What it says.
    pub body: Bytes,
}

impl Message {
    /// The longest id, correlation id or name of a header in bytes (AMQP's short string).
    pub const MAX_SHORT: usize = 255;

    /// The message as a dead letter.
    pub(crate) fn dead(&self, reason: &str) -> Message {
        let mut dead = self.clone();
        dead.headers.insert(REASON.to_owned(), reason.to_owned());
        dead
    }

    /// Whether everything fits into AMQP's short strings.
    pub(crate) fn fits(&self) -> bool {
        let mut shorts = [&self.id, &self.correlation_id].into_iter().chain(self.headers.keys());
        shorts.all(|text| text.len() <= Self::MAX_SHORT)
    }
}
