//! What the tests of this crate share.

use std::time::Duration;

use anyhow::ensure;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use queue_probe::{Credentials, Probe, Source, Target};
use scaling::{Observation, Sample, Unknown, UnknownKind};
use testkit::eventually;
use testkit::servers::RabbitMq;

pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// The queue `jobs` of the virtual host `/` at this address, asked by `guest`.
pub(crate) fn target(source: Source, url: &str) -> Target {
    Target {
        vhost: "/".to_owned(),
        queue: "jobs".to_owned(),
        source,
        endpoints: vec![url.parse().unwrap()],
        credentials: Some(Credentials::new("guest", "guest")),
        ca_pem: None,
    }
}

pub(crate) fn probe(target: &Target) -> Probe {
    Probe::new(target.clone()).unwrap()
}

pub(crate) fn sample(observation: Observation) -> Sample {
    match observation {
        Observation::Sample(sample) => sample,
        Observation::Unknown(unknown) => panic!("{unknown:?}"),
    }
}

pub(crate) fn unknown(observation: Observation) -> Unknown {
    match observation {
        Observation::Unknown(unknown) => unknown,
        Observation::Sample(sample) => panic!("{sample:?}"),
    }
}

pub(crate) async fn kind(probe: &mut Probe) -> UnknownKind {
    unknown(probe.observe(DEADLINE).await).kind
}

/// Looks again and again until it is as wanted: what RabbitMQ tells is some seconds old.
pub(crate) async fn until(probe: &mut Probe, wanted: impl Fn(&Observation) -> bool) -> Observation {
    let look = async || {
        let observation = probe.observe(DEADLINE).await;
        ensure!(wanted(&observation), "{observation:?}");
        Ok(observation)
    };
    eventually("the queue is as wanted", Duration::from_secs(30), look).await.unwrap()
}

/// A connection with a channel; the channel ends with the connection.
pub(crate) async fn channel(broker: &RabbitMq) -> (Connection, Channel) {
    let connection = Connection::connect(&broker.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

pub(crate) async fn declare(channel: &Channel) {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare("jobs".into(), durable, arguments).await.unwrap();
}
