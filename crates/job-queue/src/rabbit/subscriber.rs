//! The task that takes messages from the broker for one consumer, and tells it what became of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, future::join_all};
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions},
    types::FieldTable,
};
use metrics::Counted;
use prometheus::IntGauge;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    RabbitOptions,
    acker::{Acker, Settled},
    channel_state::Reconnect,
    link::{Link, LinkError, LinkEvent, limited},
    wire,
};
use crate::consumer::{self, Received, Settlement};

/// How many settled deliveries are told to the broker at a time.
const BATCH: usize = 256;
/// After so long without a message we subscribe anew. RabbitMQ 3.10 (seen with 3.10.8) does not always tell a consumer
/// that its queue was deleted, and then counts it among the consumers of a new queue of that name, which sends it
/// nothing. Whether later versions do has not been tried, and the client does not tell which one it talks to; where it is
/// not needed it costs a channel every ten idle seconds.
const QUIET: Duration = Duration::from_secs(10);
/// Tells the consumers of a channel apart; ours has one.
const TAG: &str = "consumer";

/// A consumer's side of the queue.
#[derive(Debug)]
pub(crate) struct RabbitConsumer {
    deliveries: mpsc::UnboundedReceiver<Received>,
    connection: Arc<AtomicU64>,
    cancelled: CancellationToken,
    _cancel_on_drop: DropGuard,
    ended: CancellationToken,
}

impl RabbitConsumer {
    pub(crate) async fn next(&mut self) -> Option<Received> {
        loop {
            let received = self.deliveries.recv().await?;
            // What came by a connection that has broken since comes again, to us or to somebody else.
            let current = self.connection.load(Ordering::Acquire);
            if !matches!(&received.acker, consumer::Acker::Rabbit(acker) if acker.connection() != current) {
                return Some(received);
            }
        }
    }

    pub(crate) fn cancel(&mut self) {
        self.cancelled.cancel();
        self.deliveries.close();
        // Dropping them is giving them back.
        while self.deliveries.try_recv().is_ok() {}
    }

    pub(crate) async fn settled(self) {
        self.ended.cancelled().await;
    }
}

pub(super) struct Subscriber {
    options: Arc<RabbitOptions>,
    prefetch: u16,
    up: IntGauge,
    deliveries: mpsc::UnboundedSender<Received>,
    settle: mpsc::UnboundedSender<Settled>,
    settlements: mpsc::UnboundedReceiver<Settled>,
    /// Counts connections: what came by an earlier one cannot be settled any more.
    connection: Arc<AtomicU64>,
    cancelled: CancellationToken,
    _ended: DropGuard,
}

/// A consumer, and the task that works for it.
pub(super) fn subscribe(
    options: Arc<RabbitOptions>,
    prefetch: u16,
    up: IntGauge,
) -> (RabbitConsumer, Subscriber) {
    // Both are bounded by the prefetch.
    let (deliver, deliveries) = mpsc::unbounded_channel();
    let (settle, settlements) = mpsc::unbounded_channel();
    let (cancelled, ended) = (CancellationToken::new(), CancellationToken::new());
    let connection = Arc::default();
    let consumer = RabbitConsumer {
        deliveries,
        connection: Arc::clone(&connection),
        cancelled: cancelled.clone(),
        _cancel_on_drop: cancelled.clone().drop_guard(),
        ended: ended.clone(),
    };
    let subscriber = Subscriber {
        options,
        prefetch,
        up,
        deliveries: deliver,
        settle,
        settlements,
        connection,
        cancelled,
        _ended: ended.drop_guard(),
    };
    (consumer, subscriber)
}

impl Subscriber {
    /// Connects, and connects again, until the consumer is cancelled and has settled everything.
    pub(super) async fn run(mut self) {
        let mut attempts = Reconnect::new("consumer", &self.options.queue);
        let cancelled = self.cancelled.clone();
        while !cancelled.is_cancelled() {
            let open = async {
                let mut link = Link::open(&self.options, "consumer").await?;
                link.prefetch(self.prefetch).await?;
                Ok(link)
            };
            let opened = tokio::select! {
                opened = open => opened,
                () = cancelled.cancelled() => return,
            };
            let error = match opened {
                Ok(link) => {
                    attempts.succeeded();
                    match self.serve(link).await {
                        Ok(()) => return,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            let pause = attempts.failed(&error);
            tokio::select! {
                () = sleep(pause) => (),
                () = cancelled.cancelled() => return,
            }
        }
    }

    async fn serve(&mut self, mut link: Link) -> Result<(), LinkError> {
        let up = Counted::new(&self.up);
        let ended = self.deliver(&mut link).await;
        drop(up);
        self.connection.fetch_add(1, Ordering::AcqRel);
        ended?;
        link.close().await;
        Ok(())
    }

    /// Takes messages by one connection until it breaks, or until there is nothing left to settle after a cancel.
    async fn deliver(&mut self, link: &mut Link) -> Result<(), LinkError> {
        loop {
            self.deliver_until_quiet(link).await?;
            if self.cancelled.is_cancelled() {
                return Ok(());
            }
            link.renew_channel().await?;
            link.prefetch(self.prefetch).await?;
        }
    }

    /// Takes messages by one subscription until nothing has come for a while, or after a cancel.
    async fn deliver_until_quiet(&mut self, link: &mut Link) -> Result<(), LinkError> {
        let channel = link.channel.clone();
        let cancelled = self.cancelled.clone();
        let connection = self.connection.load(Ordering::Acquire);
        let queue = self.options.queue.as_str().into();
        let subscribe =
            channel.basic_consume(queue, TAG.into(), BasicConsumeOptions::default(), FieldTable::default());
        let mut messages = limited(subscribe).await?;
        let (mut subscribed, mut leaving) = (true, false);
        let mut unsettled = 0_usize;
        let mut batch = Vec::with_capacity(BATCH);
        let mut quiet_since = Instant::now();
        while subscribed || unsettled > 0 {
            let leave = async {
                tokio::select! {
                    () = cancelled.cancelled() => (),
                    () = sleep_until(quiet_since + QUIET), if unsettled == 0 => (),
                }
            };
            tokio::select! {
                _count = self.settlements.recv_many(&mut batch, BATCH) => {
                    batch.retain(|settlement| settlement.connection == connection);
                    tell(&channel, &batch).await?;
                    unsettled = unsettled.saturating_sub(batch.len());
                    batch.clear();
                    quiet_since = Instant::now();
                }
                message = messages.next(), if subscribed => match message {
                    Some(delivery) => {
                        unsettled += 1;
                        let received = self.received(delivery?, connection);
                        if !leaving {
                            // Dropped, by us or by a consumer that takes nothing more, it goes back into the queue.
                            let _ = self.deliveries.send(received);
                        }
                    }
                    None if leaving => subscribed = false,
                    None => return Err(LinkError::Unsubscribed),
                },
                event = link.event() => if let LinkEvent::Broken(error) = event {
                    return Err(error);
                },
                () = leave, if !leaving => {
                    leaving = true;
                    limited(channel.basic_cancel(TAG.into(), BasicCancelOptions::default())).await?;
                }
            }
        }
        Ok(())
    }

    fn received(&self, delivery: Delivery, connection: u64) -> Received {
        let acker = Acker::new(self.settle.clone(), connection, delivery.delivery_tag);
        Received {
            message: wire::message(&delivery.properties, delivery.data),
            redelivered: delivery.redelivered,
            acker: consumer::Acker::Rabbit(acker),
        }
    }
}

/// Tells the broker what became of messages.
async fn tell(channel: &Channel, settlements: &[Settled]) -> Result<(), LinkError> {
    let tellings = settlements.iter().map(async |settlement| match settlement.settlement {
        Settlement::Ack => channel.basic_ack(settlement.tag, BasicAckOptions::default()).await,
        Settlement::Requeue => {
            let back = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
            channel.basic_nack(settlement.tag, back).await
        }
    });
    limited(async { join_all(tellings).await.into_iter().collect() }).await
}
