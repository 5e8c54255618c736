use std::{io, pin::Pin, time::Duration};

use futures::{Stream, StreamExt};
use lapin::{
    Channel, ErrorKind, Event,
    options::{BasicQosOptions, ConfirmSelectOptions},
    protocol::{AMQPErrorKind, AMQPSoftError},
};
use tokio::time::timeout;

use super::{RabbitOptions, connector::BrokerConnection, topology};

/// Longest time until a channel can be used.
const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// Longest time for an orderly end of a channel.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
const OK: u16 = 200;

const ACCESS_REFUSED: AMQPErrorKind = AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED);

/// Why there is no connection that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// The broker, or the way to it, failed.
    #[error("{0}")]
    Client(#[from] lapin::Error),
    #[error("no answer within {0:?}")]
    Deadline(Duration),
    /// It is there with other properties than we need; asking again does not help until somebody acts.
    #[error(
        "the queue {queue:?} exists with other settings: delete it once it is empty, or use another name ({said})"
    )]
    OtherSettings { queue: String, said: String },
    /// It sent no confirmation for so long that the connection is given up.
    #[error("no confirmation within {0:?}")]
    Stalled(Duration),
    /// It refused every message for so long that the connection is given up.
    #[error("every message was refused for {0:?}")]
    Refused(Duration),
    /// It ended our subscription, because the queue was deleted or has moved.
    #[error("the broker ended the subscription")]
    Unsubscribed,
}

/// What everybody may read of [`LinkError::OtherSettings`].
const OTHER_SETTINGS: &str =
    "the queue exists with other settings; delete it once it is empty, or use another name";

impl LinkError {
    /// What went wrong in words of ours, for everybody: the broker's own name hosts, queues and settings.
    pub(super) fn summary(&self) -> String {
        let LinkError::Client(error) = self else {
            return match self {
                LinkError::OtherSettings { .. } => OTHER_SETTINGS.to_owned(),
                other => other.to_string(),
            };
        };
        match error.kind() {
            ErrorKind::IOError(error) => format!("the broker cannot be reached: {}", error.kind()),
            ErrorKind::ProtocolError(error) if *error.kind() == ACCESS_REFUSED => {
                "the broker does not admit the user, or refuses its password".to_owned()
            }
            ErrorKind::ProtocolError(error) => format!("the broker refuses: code {}", error.get_id()),
            _ => "the connection to the broker failed".to_owned(),
        }
    }
}

/// What happens to a connection.
pub(super) enum LinkEvent {
    /// The broker takes no messages for now, since it is short of memory or disk.
    Blocked(String),
    Unblocked,
    Broken(LinkError),
}

/// A connection with one channel, the queues declared. Dropping it cuts it off; [`Link::close`] ends it in order.
pub(super) struct Link {
    connection: BrokerConnection,
    pub(super) channel: Channel,
    events: Events,
}

type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

impl Link {
    /// Connects for the purpose `role` and declares the queues.
    pub(super) async fn open(options: &RabbitOptions, role: &str) -> Result<Link, LinkError> {
        let mut connected_to = None;
        let opening = async {
            let name = format!("{} {role}", env!("CARGO_PKG_NAME"));
            let connection = options.nodes.connect(&name, OPEN_LIMIT).await?;
            connected_to = Some(options.nodes.place());
            let events: Events = Box::pin(connection.connection.events_listener());
            let channel = connection.connection.create_channel().await?;
            topology::declare(&channel, options).await?;
            Ok(Link { connection, channel, events })
        };
        let opened = timeout(OPEN_LIMIT, opening).await.unwrap_or(Err(LinkError::Deadline(OPEN_LIMIT)));
        if let (Err(_), Some(place)) = (&opened, connected_to) {
            // It takes connections and does nothing else, as a node does that has lost the others.
            options.nodes.pass_over(place);
        }
        opened
    }

    pub(super) async fn confirm(&mut self) -> Result<(), LinkError> {
        limited(self.channel.confirm_select(ConfirmSelectOptions::default())).await
    }

    /// Sets how many messages may be under way to us.
    pub(super) async fn prefetch(&mut self, count: u16) -> Result<(), LinkError> {
        limited(self.channel.basic_qos(count, BasicQosOptions { global: false })).await
    }

    pub(super) async fn renew_channel(&mut self) -> Result<(), LinkError> {
        let fresh = limited(self.connection.connection.create_channel()).await?;
        let old = std::mem::replace(&mut self.channel, fresh);
        limited(old.close(OK, "done".into())).await
    }

    pub(super) async fn event(&mut self) -> LinkEvent {
        loop {
            match self.events.next().await {
                Some(Event::ConnectionBlocked(reason)) => return LinkEvent::Blocked(reason),
                Some(Event::ConnectionUnblocked) => return LinkEvent::Unblocked,
                Some(Event::Error(error)) => return LinkEvent::Broken(error.into()),
                Some(_) => (),
                None => {
                    let gone = lapin::Error::from(io::Error::from(io::ErrorKind::ConnectionAborted));
                    return LinkEvent::Broken(gone.into());
                }
            }
        }
    }

    /// Ends the connection; what was sent before on it is done before.
    pub(super) async fn close(self) {
        // Closing the channel has the broker deal with everything before. A failure ends it all the same.
        let _ = timeout(CLOSE_LIMIT, self.channel.close(OK, "done".into())).await;
        self.connection.close().await;
    }
}

/// Waits for an answer of the broker, but not for ever.
pub(super) async fn limited<T>(answer: impl Future<Output = lapin::Result<T>>) -> Result<T, LinkError> {
    match timeout(OPEN_LIMIT, answer).await {
        Ok(answered) => Ok(answered?),
        Err(_elapsed) => Err(LinkError::Deadline(OPEN_LIMIT)),
    }
}

#[cfg(test)]
mod tests {
    use lapin::protocol::AMQPError;

    use super::*;

    #[test]
    fn what_everybody_may_read_has_none_of_the_brokers_words() {
        let refused =
            AMQPError::new(ACCESS_REFUSED, "Login was refused for user 'w2meet' at mq-0.internal".into());
        let closed = io::Error::new(io::ErrorKind::ConnectionRefused, "mq-0.internal:5672 refused");
        let other =
            LinkError::OtherSettings { queue: "meeting_jobs".to_owned(), said: "mq-0.internal".to_owned() };
        let refused = LinkError::Client(ErrorKind::ProtocolError(refused).into());
        for (error, part) in [
            (refused, "password"),
            (LinkError::Client(closed.into()), "connection refused"),
            (other, "settings"),
        ] {
            let summary = error.summary();
            assert!(summary.contains(part) && !summary.contains("internal"), "{summary}");
        }
    }
}
