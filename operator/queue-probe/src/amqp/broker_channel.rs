use job_queue::{BrokerConnection, Connector};
use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{Channel, ErrorKind};
use scaling::{Sample, Unknown, UnknownKind};

use crate::unknown::{chain, unknown};

/// A connection with one channel. Dropping it cuts it off; [`BrokerChannel::close`] ends it in order.
pub(super) struct BrokerChannel {
    broker: BrokerConnection,
    channel: Channel,
    address: String,
}

impl BrokerChannel {
    pub(super) async fn open(connector: &Connector) -> Result<BrokerChannel, Unknown> {
        let address = connector.address();
        let opening = async {
            let broker = connector.connect(env!("CARGO_PKG_NAME").to_owned()).await?;
            let channel = broker.connection.create_channel().await?;
            Ok((broker, channel))
        };
        let (broker, channel) = opening.await.map_err(|error| failure(&address, &error))?;
        Ok(BrokerChannel { broker, channel, address })
    }

    pub(super) fn is_up(&self) -> bool {
        self.broker.connection.status().connected()
    }

    /// Asks how the queue is. A refusal closes the channel, which is replaced at the next question.
    pub(super) async fn ask(&mut self, queue: &str) -> Result<Sample, Unknown> {
        let asking = async {
            if !self.channel.status().connected() {
                self.channel = self.broker.connection.create_channel().await?;
            }
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            self.channel.queue_declare(queue.into(), passive, FieldTable::default()).await
        };
        let found = asking.await.map_err(|error| failure(&self.address, &error))?;
        Ok(Sample {
            ready: found.message_count().into(),
            unacked: None,
            consumers: found.consumer_count().into(),
            published: None,
            acked: None,
            delivered: None,
            redelivered: None,
        })
    }

    pub(super) async fn close(self) {
        self.broker.close().await;
    }
}

/// What an error of the client means for us. The broker's own words are in it, and no password is.
fn failure(address: &str, error: &lapin::Error) -> Unknown {
    let kind = match error.kind() {
        ErrorKind::ProtocolError(error) => refusal(error),
        _ => UnknownKind::Unreachable,
    };
    unknown(kind, format!("{address}: {}", chain(error)))
}

fn refusal(error: &AMQPError) -> UnknownKind {
    match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => UnknownKind::NotFound,
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => UnknownKind::Unauthorized,
        // Of the virtual host it says so when it is not there, and when it is not for us.
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED)
            if error.get_message().as_str().contains("not found") =>
        {
            UnknownKind::NotFound
        }
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => UnknownKind::Unauthorized,
        AMQPErrorKind::Soft(_) => UnknownKind::Incomplete,
        AMQPErrorKind::Hard(_) => UnknownKind::Unreachable,
    }
}
