//! Messages as AMQP knows them.

use bytes::Bytes;
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, LongString, ShortString},
};

use crate::Message;

/// AMQP's delivery mode of a message that outlives the broker.
const PERSISTENT: u8 = 2;

/// The properties of a message; its texts have to fit, see [`Message::fits`].
pub(super) fn properties(message: &Message) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in &message.headers {
        headers.insert(name.as_str().into(), AMQPValue::LongString(LongString::from(value.as_str())));
    }
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_message_id(message.id.as_str().into())
        .with_priority(message.priority)
        .with_correlation_id(message.correlation_id.as_str().into())
        .with_headers(headers)
}

/// What was published, by us or by somebody else. Headers that are no texts are left out.
pub(super) fn message(properties: &BasicProperties, body: Vec<u8>) -> Message {
    let short = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    let headers = properties.headers().iter().flat_map(|headers| headers.inner());
    Message {
        id: short(properties.message_id()),
        correlation_id: short(properties.correlation_id()),
        headers: headers.filter_map(|(name, value)| Some((name.to_string(), readable(value)?))).collect(),
        priority: properties.priority().unwrap_or_default(),
        body: Bytes::from(body),
    }
}

fn readable(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}
