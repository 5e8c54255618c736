//! The queue on RabbitMQ: durable quorum queues, persistent messages, publisher confirms, manual acknowledgements.

mod acker;
mod channel_state;
mod connector;
mod link;
mod nodes;
mod options;
mod publisher;
mod subscriber;
mod topology;
mod wire;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lapin::options::{BasicAckOptions, BasicGetOptions, BasicQosOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    channel_state::ChannelState,
    link::{Link, LinkError, limited},
    publisher::{Publication, Publisher},
};
use crate::{Depth, Message, PublishError, Queue, QueueMetrics, message::Destination};

pub(crate) use self::{acker::Acker, subscriber::RabbitConsumer};
pub use self::{
    connector::{BrokerConnection, Connector},
    options::RabbitOptions,
};

/// How many messages may wait for the publisher to take them over.
const WAITING: usize = 1024;
/// Longest wait for a sign of life.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// A queue on RabbitMQ. Clones share its connection for publishing.
#[derive(Clone)]
pub(crate) struct RabbitQueue {
    options: Arc<RabbitOptions>,
    publications: mpsc::Sender<Publication>,
    state: ChannelState,
    metrics: QueueMetrics,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl RabbitQueue {
    pub(crate) fn start(options: RabbitOptions, metrics: QueueMetrics) -> RabbitQueue {
        let options = Arc::new(options);
        let (publications, receiver) = mpsc::channel(WAITING);
        let (state, stopping, tasks) = (ChannelState::new(), CancellationToken::new(), TaskTracker::new());
        let publisher = Publisher {
            options: options.clone(),
            publications: receiver,
            state: state.clone(),
            up: metrics.up("publisher"),
            stopping: stopping.clone(),
        };
        tasks.spawn(publisher.run());
        RabbitQueue { options, publications, state, metrics, stopping, tasks }
    }

    pub(crate) async fn publish(
        &self,
        message: &Message,
        destination: Destination,
    ) -> Result<(), PublishError> {
        self.state.check().map_err(PublishError::Down)?;
        let (answer, answered) = oneshot::channel();
        let queue = match destination {
            Destination::Work => self.options.queue.as_str().into(),
            Destination::Dead => self.options.dead_queue().into(),
            Destination::Parked => self.options.parked_queue().into(),
        };
        let properties = wire::properties(message);
        let publication = Publication { queue, properties, body: message.body.clone(), answer };
        let confirmed = async {
            let closed = || PublishError::Down("closed".to_owned());
            self.publications.send(publication).await.map_err(|_| closed())?;
            answered.await.unwrap_or(Err(PublishError::Broken))
        };
        let deadline = self.options.publish_deadline;
        timeout(deadline, confirmed).await.unwrap_or(Err(PublishError::Deadline(deadline)))
    }

    pub(crate) fn consume(&self, prefetch: u16) -> RabbitConsumer {
        let up = self.metrics.up("consumer");
        let (taker, subscriber) = subscriber::subscribe(self.options.clone(), prefetch, up);
        self.tasks.spawn(subscriber.run());
        taker
    }

    pub(crate) async fn dead_letters(&self, limit: u16) -> Result<Vec<Message>, String> {
        let fetch = async {
            let link = Link::open(&self.options, "reader").await?;
            let mut letters = Vec::new();
            while letters.len() < usize::from(limit) {
                let get =
                    link.channel.basic_get(self.options.dead_queue().into(), BasicGetOptions::default());
                let Some(got) = limited(get).await? else { break };
                letters.push(wire::message(&got.delivery.properties, got.delivery.data));
            }
            // They were not acknowledged, so they go back now.
            link.close().await;
            Ok(letters)
        };
        fetch.await.map_err(|error: LinkError| error.to_string())
    }

    pub(crate) async fn discard_dead_letters(&self, keep: u32) -> Result<Vec<Message>, String> {
        let discard = async {
            let link = Link::open(&self.options, "reader").await?;
            let mut discarded = Vec::new();
            while discarded.len() < Queue::MOST_DISCARDED {
                let get =
                    link.channel.basic_get(self.options.dead_queue().into(), BasicGetOptions::default());
                // The number of those behind it: whoever else discards at the same time is counted.
                let Some(got) = limited(get).await?.filter(|got| got.message_count >= keep) else { break };
                limited(got.delivery.acker.ack(BasicAckOptions::default())).await?;
                discarded.push(wire::message(&got.delivery.properties, got.delivery.data));
            }
            // One that was fetched and stays was not acknowledged, so it goes back now.
            link.close().await;
            Ok(discarded)
        };
        discard.await.map_err(|error: LinkError| error.to_string())
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state.is_up()
    }

    pub(crate) async fn wait_until_up(&self) {
        self.state.wait_until_up().await;
    }

    pub(crate) async fn check(&self) -> Result<Duration, String> {
        let channel = self.state.get()?;
        let started = Instant::now();
        // The smallest question there is; the answer changes nothing, since nobody consumes on this channel.
        let asked = channel.basic_qos(0, BasicQosOptions::default());
        match timeout(CHECK_LIMIT, asked).await {
            Ok(Ok(())) => Ok(started.elapsed()),
            Ok(Err(error)) => Err(LinkError::from(error).summary()),
            Err(_elapsed) => Err(format!("the broker did not answer within {CHECK_LIMIT:?}")),
        }
    }

    /// Asked by declaring the queues once more, which a broker does not mind; asking for a queue that is not there would
    /// cost the channel.
    pub(crate) async fn depth(&self) -> Result<Depth, String> {
        let channel = self.state.get()?;
        topology::declare(&channel, &self.options).await.map_err(|error| error.to_string())
    }

    pub(crate) fn name(&self) -> &str {
        &self.options.queue
    }

    pub(crate) async fn close(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
