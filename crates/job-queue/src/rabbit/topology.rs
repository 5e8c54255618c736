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

/// What a queue has.
#[derive(Clone, Copy, Debug)]
struct Declared {
    messages: u64,
    consumers: u64,
}

/// Deliveries after which the broker takes a message out of a queue by itself; how often a message is worth trying is
/// for the consumer to say. RabbitMQ 3 has no limit by default. RabbitMQ 4 has one of 20 and counts, up to 4.2, each
/// message that a stopping consumer gives back and each look at a dead letter; it takes -1 for "never", which
/// RabbitMQ 3 refuses. A queue keeps the arguments that it was declared with through an upgrade of its broker, so this
/// number is the same on all of them.
const DELIVERY_LIMIT: i32 = 1_000_000;

/// Declares durable quorum queues: the work queue, its dead letters, and the parking place, from which the broker puts
/// messages back into the work queue. How many messages are ready in each, and how many consume the first.
///
/// The arguments of a queue cannot be changed once it is there, and replicas of two releases declare the same ones.
/// So the number of dead letters is bounded by [`crate::Queue::discard_dead_letters`] and not by `x-max-length`.
pub(super) async fn declare(channel: &Channel, options: &RabbitOptions) -> Result<Depth, LinkError> {
    let (dead, parked) = (options.dead_queue(), options.parked_queue());
    let dead_letters = declare_one(channel, &dead, quorum()).await?;
    let work = declare_one(channel, &options.queue, dead_lettering_to(&dead)).await?;
    let mut arguments = dead_lettering_to(&options.queue);
    let milliseconds = i64::try_from(options.parking_time.as_millis()).unwrap_or(i64::MAX);
    // Quorum queues know a time to live from RabbitMQ 3.10 on.
    arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(milliseconds));
    let parked = declare_one(channel, &parked, arguments).await?;
    Ok(Depth {
        work: work.messages,
        dead: dead_letters.messages,
        parked: parked.messages,
        consumers: work.consumers,
    })
}

async fn declare_one(channel: &Channel, name: &str, arguments: FieldTable) -> Result<Declared, LinkError> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    match limited(channel.queue_declare(name.into(), durable, arguments)).await {
        Ok(queue) => {
            Ok(Declared { messages: queue.message_count().into(), consumers: queue.consumer_count().into() })
        }
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

fn dead_lettering_to(queue: &str) -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(queue));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
