//! A passive `queue.declare` over a connection that is kept.

mod broker_channel;
mod reconnect;

use std::time::Duration;

use job_queue::{Connector, InvalidOptions};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use scaling::{Sample, Unknown, UnknownKind};
use tokio::time::timeout;
use tracing::debug;
use url::{Host, Url};

use crate::target::{Credentials, ProbeError, Target};
use crate::unknown::unknown;
use broker_channel::BrokerChannel;
use reconnect::Reconnect;

/// One queue, asked over one connection.
pub(crate) struct Amqp {
    queue: String,
    /// The endpoint that has answered last comes first.
    brokers: Vec<Connector>,
    /// Taken out while it is used, so that whoever gives up in between cuts it off.
    channel: Option<BrokerChannel>,
    reconnect: Reconnect,
}

impl Amqp {
    pub(crate) fn new(target: Target) -> Result<Amqp, ProbeError> {
        let credentials = target.credentials.unwrap_or_else(Credentials::guest);
        let connector = |endpoint: &Url| {
            let connector = Connector::new(broker(endpoint, &target.vhost, &credentials));
            match &target.ca_pem {
                Some(pem) => connector.with_ca(pem),
                None => Ok(connector),
            }
        };
        let brokers: Result<_, InvalidOptions> = target.endpoints.iter().map(connector).collect();
        let brokers = brokers.map_err(|error| ProbeError::Ca(error.to_string()))?;
        Ok(Amqp { queue: target.queue, brokers, channel: None, reconnect: Reconnect::default() })
    }

    pub(crate) async fn observe(&mut self, deadline: Duration) -> Result<Sample, Unknown> {
        let mut channel = match self.channel.take().filter(BrokerChannel::is_up) {
            Some(channel) => channel,
            None => self.connect(deadline).await?,
        };
        let late = |_| unknown(UnknownKind::Unreachable, format!("no answer within {deadline:?}"));
        let asked = timeout(deadline, channel.ask(&self.queue)).await.map_err(late).and_then(|asked| asked);
        match &asked {
            // The answer may be a refusal: then only a channel is gone.
            _ if channel.is_up()
                && !matches!(&asked, Err(failure) if failure.kind == UnknownKind::Unreachable) =>
            {
                self.channel = Some(channel);
            }
            Err(failure) => self.reconnect.failed(failure),
            Ok(_) => (),
        }
        asked
    }

    pub(crate) async fn close(self) {
        if let Some(channel) = self.channel {
            channel.close().await;
        }
    }

    /// Tries one endpoint after another, unless all of them have failed a moment ago.
    async fn connect(&mut self, deadline: Duration) -> Result<BrokerChannel, Unknown> {
        self.reconnect.check()?;
        let share = deadline / u32::try_from(self.brokers.len()).unwrap_or(u32::MAX);
        let mut failure = unknown(UnknownKind::Unreachable, "there is no endpoint");
        for _ in 0..self.brokers.len() {
            failure = match timeout(share, BrokerChannel::open(&self.brokers[0])).await {
                Ok(Ok(channel)) => {
                    debug!(queue = self.queue, "connected");
                    self.reconnect.succeeded();
                    return Ok(channel);
                }
                Ok(Err(failure)) => failure,
                Err(_elapsed) => unknown(
                    UnknownKind::Unreachable,
                    format!("{}: no answer within {share:?}", self.address()),
                ),
            };
            self.brokers.rotate_left(1);
        }
        self.reconnect.failed(&failure);
        Err(failure)
    }

    /// `host:port` of the endpoint that is asked first.
    fn address(&self) -> String {
        self.brokers.first().map(Connector::address).unwrap_or_default()
    }
}

impl std::fmt::Debug for Amqp {
    /// Everything but the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amqp")
            .field("queue", &self.queue)
            .field("broker", &self.address())
            .finish_non_exhaustive()
    }
}

/// The address as the client takes it, put together from parts: no text has to be escaped.
fn broker(endpoint: &Url, vhost: &str, credentials: &Credentials) -> AMQPUri {
    let (scheme, usual_port) =
        if endpoint.scheme() == "amqps" { (AMQPScheme::AMQPS, 5671) } else { (AMQPScheme::AMQP, 5672) };
    let host = match endpoint.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    AMQPUri {
        scheme,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: credentials.username.clone(),
                password: credentials.password.clone(),
            },
            host,
            port: endpoint.port().unwrap_or(usual_port),
        },
        vhost: vhost.to_owned(),
        query: AMQPQueryString::default(),
    }
}
