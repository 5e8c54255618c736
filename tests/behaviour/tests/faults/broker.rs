//! The broker, asked past the platform.

use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use testkit::Distributed;

/// A connection to the broker of a platform, and the name of its queue.
pub(crate) struct Broker {
    channel: Channel,
    queue: String,
    _connection: Connection,
}

/// A message among the dead letters.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetter {
    pub(crate) correlation_id: String,
    pub(crate) reason: String,
    pub(crate) body: serde_json::Value,
    pub(crate) persistent: bool,
}

impl Broker {
    pub(crate) async fn of(platform: &Distributed) -> anyhow::Result<Broker> {
        Broker::at(platform.amqp_url(), platform).await
    }

    /// The same by one node of it.
    pub(crate) async fn at(url: &str, platform: &Distributed) -> anyhow::Result<Broker> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        Ok(Broker { channel, queue: platform.queue_name().to_owned(), _connection: connection })
    }

    /// Messages that wait in the queue.
    pub(crate) async fn waiting(&self) -> anyhow::Result<u32> {
        self.count(&self.queue).await
    }

    /// Messages among the dead letters.
    pub(crate) async fn dead(&self) -> anyhow::Result<u32> {
        self.count(&self.dead_queue()).await
    }

    async fn count(&self, queue: &str) -> anyhow::Result<u32> {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = self.channel.queue_declare(queue.into(), passive, FieldTable::default()).await?;
        Ok(queue.message_count())
    }

    pub(crate) async fn delete_queue(&self) -> anyhow::Result<()> {
        self.channel.queue_delete(self.queue.as_str().into(), QueueDeleteOptions::default()).await?;
        Ok(())
    }

    pub(crate) async fn take_dead_letters(&self) -> anyhow::Result<Vec<DeadLetter>> {
        let mut letters = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        while let Some(got) = self.channel.basic_get(self.dead_queue().as_str().into(), options).await? {
            let properties = &got.delivery.properties;
            let headers = properties.headers().clone().unwrap_or_default();
            let reason = headers
                .inner()
                .get("x-reason")
                .and_then(|reason| reason.as_long_string().map(ToString::to_string));
            letters.push(DeadLetter {
                correlation_id: properties
                    .correlation_id()
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                reason: reason.unwrap_or_default(),
                body: serde_json::from_slice(&got.delivery.data)?,
                persistent: *properties.delivery_mode() == Some(2),
            });
        }
        Ok(letters)
    }

    fn dead_queue(&self) -> String {
        format!("{}.dead", self.queue)
    }
}
