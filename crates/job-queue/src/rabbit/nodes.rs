use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lapin::uri::AMQPUri;
use tokio::time::timeout;

use super::{BrokerConnection, Connector, link::LinkError};
use crate::InvalidOptions;

/// How each address begins, by which one is told from the next.
const SCHEMES: [&str; 2] = ["amqp://", "amqps://"];

/// The nodes of a broker, of which any will do. Clones ask the same one first.
#[derive(Clone)]
pub(super) struct Nodes {
    connectors: Vec<Connector>,
    /// The one that has answered last, or the one after one that was of no use.
    first: Arc<AtomicUsize>,
}

impl Nodes {
    /// The nodes at these addresses, which are separated by commas.
    pub(super) fn parse(urls: &str) -> Result<Nodes, InvalidOptions> {
        let uris = split(urls).into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if uris.iter().any(|uri| uri.vhost != uris[0].vhost) {
            return Err(InvalidOptions::Url("its nodes are to have one virtual host"));
        }
        let connectors = uris.into_iter().map(Connector::new).collect();
        Ok(Nodes { connectors, first: Arc::default() })
    }

    pub(super) fn with_ca(self, pem: &[u8]) -> Result<Nodes, InvalidOptions> {
        let connectors = self.connectors.into_iter().map(|connector| connector.with_ca(pem));
        Ok(Nodes { connectors: connectors.collect::<Result<_, _>>()?, ..self })
    }

    /// The hosts and ports, separated by commas.
    pub(super) fn addresses(&self) -> String {
        self.connectors.iter().map(Connector::address).collect::<Vec<_>>().join(",")
    }

    pub(super) fn vhost(&self) -> &str {
        self.connectors.first().map_or("", |connector| &connector.uri.vhost)
    }

    /// Connects to the first node that answers, each of which has its share of `limit`, under a name by which the broker
    /// lists the connection.
    ///
    /// # Errors
    /// That of the node that was asked last.
    pub(super) async fn connect(&self, name: &str, limit: Duration) -> Result<BrokerConnection, LinkError> {
        let share = limit / u32::try_from(self.connectors.len()).unwrap_or(u32::MAX);
        let mut failure = LinkError::Deadline(share);
        for _ in &self.connectors {
            let place = self.first.load(Ordering::Relaxed);
            let node = &self.connectors[place % self.connectors.len()];
            failure = match timeout(share, node.connect(name.to_owned())).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => error.into(),
                Err(_elapsed) => LinkError::Deadline(share),
            };
            self.pass_over(place);
        }
        Err(failure)
    }

    /// Which node is asked first now.
    pub(super) fn place(&self) -> usize {
        self.first.load(Ordering::Relaxed)
    }

    /// The node at this place was of no use: the next one is asked first, unless somebody has said so already.
    pub(super) fn pass_over(&self, place: usize) {
        let next = place.wrapping_add(1);
        let _ = self.first.compare_exchange(place, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The addresses one by one. A comma that no address follows belongs to the one before, perhaps to its password.
fn split(urls: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for (comma, _) in urls.match_indices(',') {
        if SCHEMES.iter().any(|scheme| urls[comma + 1..].trim_start().starts_with(scheme)) {
            parts.push(urls[start..comma].trim());
            start = comma + 1;
        }
    }
    parts.push(urls[start..].trim());
    parts
}

fn parse(url: &str) -> Result<AMQPUri, InvalidOptions> {
    let mut uri: AMQPUri = url.parse().map_err(|_| InvalidOptions::Url("it cannot be parsed"))?;
    if uri.authority.host.is_empty() {
        return Err(InvalidOptions::Url("it names no host"));
    }
    if uri.authority.host.contains(',') {
        return Err(InvalidOptions::Url("of several nodes each is a whole address, as in amqp://a,amqp://b"));
    }
    if uri.authority.port == 0 {
        return Err(InvalidOptions::Url("nobody listens on port 0"));
    }
    if uri.vhost.is_empty() {
        "/".clone_into(&mut uri.vhost);
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_separated_by_commas_and_a_password_may_have_some() {
        for (urls, expected) in [
            ("amqp://broker", "broker:5672"),
            ("amqp://u:a,b@one:1/v,amqp://u:a,b@two:2/v", "one:1,two:2"),
            ("amqps://one/%2f , amqp://two", "one:5671,two:5672"),
        ] {
            assert_eq!(Nodes::parse(urls).unwrap().addresses(), expected, "{urls}");
        }
    }

    #[test]
    fn each_address_has_to_be_right_and_of_the_same_broker() {
        for urls in [
            "amqp://one,",
            "amqp://one,two",
            "amqp://one,amqp://two:0",
            "amqp://one/a,amqp://two/b",
            "amqp://one,http://two",
        ] {
            assert!(matches!(Nodes::parse(urls), Err(InvalidOptions::Url(_))), "{urls}");
        }
    }

    #[test]
    fn whoever_was_of_no_use_is_passed_over_once() {
        let nodes = Nodes::parse("amqp://one,amqp://two").unwrap();
        let (other, place) = (nodes.clone(), nodes.place());
        nodes.pass_over(place);
        other.pass_over(place);
        assert_eq!(nodes.place(), place + 1);
    }
}
