#[cfg(feature = "rabbitmq")]
use crate::rabbit;
use crate::{Message, QueueMetrics, memory};

/// Takes messages from a queue, at most its prefetch at a time. Dropping it is the same as [`Consumer::cancel`].
#[derive(Debug)]
pub struct Consumer {
    backend: ConsumerBackend,
    metrics: QueueMetrics,
}

#[derive(Debug)]
pub(crate) enum ConsumerBackend {
    Memory(memory::MemoryConsumer),
    #[cfg(feature = "rabbitmq")]
    Rabbit(rabbit::RabbitConsumer),
}

impl Consumer {
    pub(crate) fn new(backend: ConsumerBackend, metrics: QueueMetrics) -> Consumer {
        Consumer { backend, metrics }
    }

    /// The next message, when there is one; `None` after [`Consumer::cancel`]. While there is no broker it waits.
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Delivery> {
        let received = match &mut self.backend {
            ConsumerBackend::Memory(consumer) => consumer.next().await,
            #[cfg(feature = "rabbitmq")]
            ConsumerBackend::Rabbit(consumer) => consumer.next().await,
        };
        let Received { message, redelivered, acker } = received?;
        self.metrics.delivered(redelivered);
        Some(Delivery { message, redelivered, acker: Some(acker), metrics: self.metrics.clone() })
    }

    /// Takes nothing more: what was fetched ahead goes back into the queue. Deliveries handed out before stay valid.
    pub fn cancel(&mut self) {
        match &mut self.backend {
            ConsumerBackend::Memory(consumer) => consumer.cancel(),
            #[cfg(feature = "rabbitmq")]
            ConsumerBackend::Rabbit(consumer) => consumer.cancel(),
        }
    }

    /// Cancels, and waits until every delivery handed out is settled and the broker has been told, or is gone.
    pub async fn close(mut self) {
        self.cancel();
        match self.backend {
            ConsumerBackend::Memory(consumer) => consumer.settled().await,
            #[cfg(feature = "rabbitmq")]
            ConsumerBackend::Rabbit(consumer) => consumer.settled().await,
        }
    }
}

/// A message as a backend hands it over.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(crate) redelivered: bool,
    pub(crate) acker: Acker,
}

/// How a backend learns what becomes of a delivery.
#[derive(Debug)]
pub(crate) enum Acker {
    Memory(memory::Acker),
    #[cfg(feature = "rabbitmq")]
    Rabbit(rabbit::Acker),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    Ack,
    Requeue,
}

/// A message that somebody has to deal with. Dropped without [`Delivery::ack`], it goes back into the queue.
pub struct Delivery {
    message: Message,
    redelivered: bool,
    acker: Option<Acker>,
    metrics: QueueMetrics,
}

impl Delivery {
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Whether it was delivered before, to this consumer or another, and not acknowledged.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// The message is done with, and leaves the queue. Should the connection break just now, it comes once more.
    pub fn ack(mut self) {
        self.settle(Settlement::Ack);
    }

    /// The message goes back into the queue, for whoever is next.
    pub fn requeue(mut self) {
        self.settle(Settlement::Requeue);
    }

    fn settle(&mut self, settlement: Settlement) {
        let Some(acker) = self.acker.take() else { return };
        self.metrics.settled(match settlement {
            Settlement::Ack => "ack",
            Settlement::Requeue => "requeue",
        });
        match acker {
            Acker::Memory(acker) => acker.settle(settlement, std::mem::take(&mut self.message)),
            #[cfg(feature = "rabbitmq")]
            Acker::Rabbit(acker) => acker.settle(settlement),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.settle(Settlement::Requeue);
    }
}
