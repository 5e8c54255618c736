//! Queues to test on.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::{future::Future, time::Duration};

use bytes::Bytes;
use job_queue::{Consumer, Delivery, Message, Queue, QueueMetrics, RabbitOptions};
use lapin::{Channel, Connection, ConnectionProperties, options::QueueDeleteOptions};
use prometheus::Registry;
use testkit::{
    TcpProxy,
    shared::{amqp_url, unique_name},
};

/// Long enough for the slowest machine; nothing waits so long when all is well.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, event).await.expect("it does not happen")
}

pub(crate) async fn next(consumer: &mut Consumer) -> Delivery {
    soon(consumer.next()).await.expect("the consumer was not cancelled")
}

/// Takes one message for good, and says what was in it.
pub(crate) async fn take(consumer: &mut Consumer) -> String {
    let delivery = next(consumer).await;
    let text = text(delivery.message());
    delivery.ack();
    text
}

pub(crate) fn text(message: &Message) -> String {
    String::from_utf8(message.body.to_vec()).unwrap()
}

pub(crate) fn message(text: &str) -> Message {
    Message { id: format!("id-{text}"), body: Bytes::copy_from_slice(text.as_bytes()), ..Message::default() }
}

pub(crate) fn metrics() -> QueueMetrics {
    QueueMetrics::register(&Registry::new()).unwrap()
}

/// A queue that nobody else has, on the shared broker behind a proxy.
pub(crate) struct Rabbit {
    pub(crate) name: String,
    pub(crate) proxy: TcpProxy,
    url: String,
}

impl Rabbit {
    pub(crate) async fn new() -> Rabbit {
        let (proxy, url) = TcpProxy::before(&amqp_url().unwrap()).await.unwrap();
        Rabbit { name: unique_name("queue"), proxy, url }
    }

    pub(crate) fn options(&self) -> RabbitOptions {
        RabbitOptions::new(&self.url, &self.name).unwrap().with_publish_deadline(Duration::from_secs(10))
    }

    /// The queue, which need not be connected yet.
    pub(crate) fn open(&self) -> Queue {
        Queue::rabbit(self.options(), metrics())
    }

    pub(crate) async fn connected() -> (Rabbit, Queue) {
        Rabbit::connected_with(|options| options).await
    }

    pub(crate) async fn connected_with(
        change: impl FnOnce(RabbitOptions) -> RabbitOptions,
    ) -> (Rabbit, Queue) {
        let rabbit = Rabbit::new().await;
        let queue = Queue::rabbit(change(rabbit.options()), metrics());
        soon(queue.wait_until_up()).await;
        (rabbit, queue)
    }

    /// Breaks all connections, and lets new ones be made at once.
    pub(crate) async fn cut_for_a_moment(&self) {
        self.proxy.cut().await;
        self.proxy.heal().await.unwrap();
    }

    /// Ends the connections, and deletes the queue.
    pub(crate) async fn end(self, queue: Queue, consumer: Option<Consumer>) {
        if let Some(consumer) = consumer {
            soon(consumer.close()).await;
        }
        soon(queue.close()).await;
        self.delete().await;
    }

    /// What somebody else may do to the broker.
    pub(crate) async fn channel(&self) -> (Connection, Channel) {
        let connection =
            Connection::connect(&amqp_url().unwrap(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    pub(crate) async fn delete(&self) {
        let (connection, channel) = self.channel().await;
        for name in ["", ".dead", ".parked"].map(|end| format!("{}{end}", self.name)) {
            channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
        }
        connection.close(200, "done".into()).await.unwrap();
    }
}
