use lapin::{
    Channel, ErrorKind,
    options::QueueDeclareOptions,
    protocol::{AMQPErrorKind, AMQPSoftError},
    types::{AMQPValue, FieldTable, LongString},
};

use super::{
    RabbitOptions,
    link::{LinkError, limited},
};
use crate::Depth;

/// Deliveries after which the broker takes a message out of a queue by itself. RabbitMQ 4 would do so after 20 and
/// counts, up to 4.2, each message that a stopping consumer gives back and each look at a dead letter; how often a
/// message is worth trying is for the consumer to say. RabbitMQ 3 knows no "never".
const DELIVERY_LIMIT: i32 = 1_000_000;

/// Declares the work queue and its dead letters: durable quorum queues. How many messages are ready in each.
pub(super) async fn declare(channel: &Channel, options: &RabbitOptions) -> Result<Depth, LinkError> {
    let dead = options.dead_queue();
    let dead_messages = declare_one(channel, &dead, quorum()).await?;

    let mut arguments = quorum();
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(&dead));
    let work = declare_one(channel, &options.queue, arguments).await?;
    Ok(Depth { work: work.into(), dead: dead_messages.into() })
}

async fn declare_one(channel: &Channel, name: &str, arguments: FieldTable) -> Result<u32, LinkError> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    match limited(channel.queue_declare(name.into(), durable, arguments)).await {
        Ok(queue) => Ok(queue.message_count()),
        Err(LinkError::Client(error)) if is_precondition_failed(&error) => {
            Err(LinkError::OtherSettings { queue: name.to_owned(), said: error.to_string() })
        }
        Err(error) => Err(error),
    }
}

fn is_precondition_failed(error: &lapin::Error) -> bool {
    let ErrorKind::ProtocolError(error) = error.kind() else { return false };
    *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED)
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
