use std::fmt;

use crate::{Message, QueueMetrics, memory, rabbit};

/// Takes messages from a queue, at most its prefetch at a time. Dropping it is the same as [`Consumer::cancel`].
#[derive(Debug)]
pub struct Consumer {
    source: Source,
    metrics: QueueMetrics,
}

/// Where a consumer's messages come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// This process.
    Memory(memory::Taker),
    /// RabbitMQ.
    Rabbit(rabbit::Taker),
}

impl Consumer {
    pub(crate) fn new(source: Source, metrics: QueueMetrics) -> Consumer {
        Consumer { source, metrics }
    }

    /// The next message, when there is one; `None` after [`Consumer::cancel`]. While the broker is away it waits.
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Delivery> {
        let taken = match &mut self.source {
            Source::Memory(taker) => taker.next().await,
            Source::Rabbit(taker) => taker.next().await,
        };
        let Taken { message, redelivered, ticket } = taken?;
        self.metrics.delivered(redelivered);
        Some(Delivery { message, redelivered, ticket: Some(ticket), metrics: self.metrics.clone() })
    }

    /// Takes nothing more: what was fetched ahead goes back into the queue. Deliveries handed out before stay valid.
    pub fn cancel(&mut self) {
        match &mut self.source {
            Source::Memory(taker) => taker.cancel(),
            Source::Rabbit(taker) => taker.cancel(),
        }
    }

    /// Cancels, and waits until every delivery handed out is settled and the broker has been told, or is gone.
    pub async fn close(mut self) {
        self.cancel();
        match self.source {
            Source::Memory(taker) => taker.settled().await,
            Source::Rabbit(taker) => taker.settled().await,
        }
    }
}

/// A message as a backend hands it over.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) message: Message,
    pub(crate) redelivered: bool,
    pub(crate) ticket: Ticket,
}

/// How a backend learns what becomes of a delivery.
#[derive(Debug)]
pub(crate) enum Ticket {
    Memory(memory::Ticket),
    Rabbit(rabbit::Ticket),
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done with.
    Ack,
    /// It goes back into the queue.
    Requeue,
}

/// A message that somebody has to deal with. Dropped without [`Delivery::ack`], it goes back into the queue.
pub struct Delivery {
    message: Message,
    redelivered: bool,
    ticket: Option<Ticket>,
    metrics: QueueMetrics,
}

impl Delivery {
    /// What was published.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Whether it was delivered before, to this consumer or another, and not acknowledged.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// The message is done with, and leaves the queue. Should the connection break just now, it comes once more.
    pub fn ack(mut self) {
        self.settle(Verdict::Ack);
    }

    /// The message goes back into the queue, for whoever is next.
    pub fn requeue(mut self) {
        self.settle(Verdict::Requeue);
    }

    fn settle(&mut self, verdict: Verdict) {
        let Some(ticket) = self.ticket.take() else { return };
        self.metrics.settled(match verdict {
            Verdict::Ack => "ack",
            Verdict::Requeue => "requeue",
        });
        match ticket {
            Ticket::Memory(ticket) => ticket.settle(verdict, std::mem::take(&mut self.message)),
            Ticket::Rabbit(ticket) => ticket.settle(verdict),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.settle(Verdict::Requeue);
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message", &self.message)
            .field("redelivered", &self.redelivered)
            .finish_non_exhaustive()
    }
}
