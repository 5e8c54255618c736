use std::time::{Duration, Instant};

use crate::{
    Consumer, Message, PublishError, QueueMetrics, consumer::ConsumerBackend, memory::MemoryQueue,
    message::Destination,
};
#[cfg(feature = "rabbitmq")]
use crate::{RabbitOptions, rabbit::RabbitQueue};

/// A work queue with its dead letters. Clones share it. Errors that are texts are words for an operator.
#[derive(Clone)]
pub struct Queue {
    backend: Backend,
    metrics: QueueMetrics,
}

/// Messages that are ready, which no consumer holds, and how many consumers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    pub work: u64,
    pub dead: u64,
    pub parked: u64,
    /// Who takes work, over all processes.
    pub consumers: u64,
}

#[derive(Clone)]
enum Backend {
    Memory(MemoryQueue),
    #[cfg(feature = "rabbitmq")]
    Rabbit(RabbitQueue),
}

impl Queue {
    /// Dead letters that one call of [`Queue::discard_dead_letters`] deletes at most.
    pub const MOST_DISCARDED: usize = 1_000;

    /// A queue in this process. Its messages are gone with it.
    pub fn memory(metrics: QueueMetrics) -> Queue {
        Queue { backend: Backend::Memory(MemoryQueue::default()), metrics }
    }

    /// A queue on RabbitMQ. It connects, and connects again, in tasks of its own on the current runtime, and does not
    /// fail when there is no broker.
    #[cfg(feature = "rabbitmq")]
    pub fn rabbit(options: RabbitOptions, metrics: QueueMetrics) -> Queue {
        Queue { backend: Backend::Rabbit(RabbitQueue::start(options, metrics.clone())), metrics }
    }

    /// Puts a message into the queue; returns when the broker has it safely.
    ///
    /// # Errors
    /// When it is not known to be there. It may be there all the same, see [`PublishError`].
    pub async fn publish(&self, message: &Message) -> Result<(), PublishError> {
        self.send(message, Destination::Work).await
    }

    /// Puts a message that cannot be processed among the dead letters, with the `reason` in the header
    /// [`crate::REASON`]; returns when the broker has it safely.
    pub async fn dead_letter(&self, message: &Message, reason: &str) -> Result<(), PublishError> {
        self.send(&message.dead(reason), Destination::Dead).await
    }

    /// Puts a message back that is not for us but for another installation with the same queue: its consumers and ours
    /// get it once more after some seconds, behind what waits then. Returns when the broker has it safely.
    pub async fn park(&self, message: &Message) -> Result<(), PublishError> {
        self.send(&message.parked(), Destination::Parked).await
    }

    async fn send(&self, message: &Message, destination: Destination) -> Result<(), PublishError> {
        let started = Instant::now();
        let outcome = match &self.backend {
            _ if !message.fits() => Err(PublishError::TooLong),
            Backend::Memory(queue) => {
                match destination {
                    Destination::Work => queue.publish(message.clone()),
                    // Nobody else takes messages from this process, so nobody would ever want a parked one.
                    Destination::Dead | Destination::Parked => queue.dead_letter(message.clone()),
                }
                Ok(())
            }
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.publish(message, destination).await,
        };
        self.metrics.publish_ended(destination.label(), &outcome, started.elapsed());
        outcome
    }

    /// Begins to take messages. At most `prefetch` (at least 1) of them are with the consumer and unsettled at a time.
    pub fn consume(&self, prefetch: u16) -> Consumer {
        let prefetch = prefetch.max(1);
        let backend = match &self.backend {
            Backend::Memory(queue) => ConsumerBackend::Memory(queue.consume(prefetch)),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => ConsumerBackend::Rabbit(queue.consume(prefetch)),
        };
        Consumer::new(backend, self.metrics.clone())
    }

    /// The oldest dead letters, at most `limit`. They stay where they are.
    pub async fn dead_letters(&self, limit: u16) -> Result<Vec<Message>, String> {
        match &self.backend {
            Backend::Memory(queue) => Ok(queue.dead_letters(usize::from(limit))),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.dead_letters(limit).await,
        }
    }

    /// Deletes the oldest dead letters beyond `keep`, at most [`Queue::MOST_DISCARDED`] at a time, and returns them.
    pub async fn discard_dead_letters(&self, keep: u32) -> Result<Vec<Message>, String> {
        let discarded = match &self.backend {
            Backend::Memory(queue) => queue.discard_dead_letters(keep),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.discard_dead_letters(keep).await?,
        };
        self.metrics.discarded(discarded.len());
        Ok(discarded)
    }

    /// How many messages are ready, and how many consumers there are.
    pub async fn depth(&self) -> Result<Depth, String> {
        match &self.backend {
            Backend::Memory(queue) => Ok(queue.depth()),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.depth().await,
        }
    }

    /// Its name on the broker, or `memory`.
    pub fn name(&self) -> &str {
        match &self.backend {
            Backend::Memory(_) => "memory",
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.name(),
        }
    }

    /// What keeps it, by its name in OpenTelemetry's semantic conventions (`messaging.system`).
    pub fn system(&self) -> &'static str {
        match &self.backend {
            Backend::Memory(_) => "memory",
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(_) => "rabbitmq",
        }
    }

    /// Whether a publish has a chance just now.
    pub fn is_up(&self) -> bool {
        match &self.backend {
            Backend::Memory(_) => true,
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.is_up(),
        }
    }

    /// Returns when a publish has a chance.
    pub async fn wait_until_up(&self) {
        match &self.backend {
            Backend::Memory(_) => (),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.wait_until_up().await,
        }
    }

    /// Asks the broker for a sign of life and says how long that took.
    ///
    /// # Errors
    /// In words for an operator, when there is none within a second.
    pub async fn check(&self) -> Result<Duration, String> {
        match &self.backend {
            Backend::Memory(_) => Ok(Duration::ZERO),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.check().await,
        }
    }

    /// Ends the connection for publishing once what is under way is confirmed. Consumers have to be closed before.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Memory(_) => (),
            #[cfg(feature = "rabbitmq")]
            Backend::Rabbit(queue) => queue.close().await,
        }
    }
}
