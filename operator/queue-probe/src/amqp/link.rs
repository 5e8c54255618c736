use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::runtime::default_runtime;
use lapin::tcp::{OwnedTLSConfig, RustlsConnector};
use lapin::types::FieldTable;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{AsyncTcpStream, Channel, Connection, ConnectionProperties, ErrorKind};
use scaling::{Sample, Unknown, UnknownKind};
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::socket::CutOnDrop;
use crate::unknown::{chain, unknown};

/// Longest time for an orderly end.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// AMQP's reply code of an orderly end.
const OK: u16 = 200;

/// A connection with one channel. Dropping it cuts it off; [`Link::close`] ends it in order.
pub(super) struct Link {
    connection: Connection,
    channel: Channel,
    place: String,
    _cut: CutOnDrop,
}

impl Link {
    pub(super) async fn open(broker: AMQPUri, trust: Option<RustlsConnector>) -> Result<Link, Unknown> {
        let place = place(&broker);
        // In its own right, so that giving up at any point cuts the connection.
        let cut = CutOnDrop::default();
        let opening = async {
            let connection = connect(broker, trust, cut.watch()).await?;
            let channel = connection.create_channel().await?;
            Ok((connection, channel))
        };
        let (connection, channel) = opening.await.map_err(|error| failure(&place, &error))?;
        Ok(Link { connection, channel, place, _cut: cut })
    }

    pub(super) fn is_up(&self) -> bool {
        self.connection.status().connected()
    }

    /// Asks how the queue is. A refusal closes the channel, which is replaced at the next question.
    pub(super) async fn ask(&mut self, queue: &str) -> Result<Sample, Unknown> {
        let asking = async {
            if !self.channel.status().connected() {
                self.channel = self.connection.create_channel().await?;
            }
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            self.channel.queue_declare(queue.into(), passive, FieldTable::default()).await
        };
        let found = asking.await.map_err(|error| failure(&self.place, &error))?;
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
        // An end that is not orderly is one all the same.
        let _ = timeout(CLOSE_LIMIT, self.connection.close(OK, "done".into())).await;
    }
}

/// `host:port` for messages.
pub(super) fn place(broker: &AMQPUri) -> String {
    format!("{}:{}", broker.authority.host, broker.authority.port)
}

async fn connect(
    broker: AMQPUri,
    trust: Option<RustlsConnector>,
    opened: impl Fn(&dyn AsFd) -> io::Result<()> + Send + Sync + 'static,
) -> lapin::Result<Connection> {
    let properties = ConnectionProperties::default().with_connection_name(env!("CARGO_PKG_NAME").into());
    Connection::connector(
        broker,
        default_runtime()?,
        async move |broker, runtime| {
            let (host, port) = (broker.authority.host.as_str(), broker.authority.port);
            let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
            let plain = AsyncTcpStream::connect(&runtime, addresses.as_slice()).await?;
            if let AsyncTcpStream::Plain(stream) = &plain {
                opened(stream.get_ref())?;
            }
            Ok(match (broker.scheme, &trust) {
                (AMQPScheme::AMQP, _) => plain,
                (AMQPScheme::AMQPS, Some(trust)) => plain.into_rustls(trust, host).await?,
                (AMQPScheme::AMQPS, None) => plain.into_tls(host, OwnedTLSConfig::default().as_ref()).await?,
            })
        },
        properties,
    )
    .await
}

/// What an error of the client means for us. The broker's own words are in it, and no password is.
fn failure(place: &str, error: &lapin::Error) -> Unknown {
    let kind = match error.kind() {
        ErrorKind::ProtocolError(error) => refusal(error),
        _ => UnknownKind::Unreachable,
    };
    unknown(kind, format!("{place}: {}", chain(error)))
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
