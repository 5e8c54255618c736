use std::{fmt, time::Duration};

use super::nodes::Nodes;
use crate::InvalidOptions;

/// For so long a parked message is kept back from consumers. Part of the queue's declaration, as its name is.
const PARKING_TIME: Duration = Duration::from_secs(10);

/// Which queue on which broker.
#[derive(Clone)]
pub struct RabbitOptions {
    pub(super) nodes: Nodes,
    pub(super) queue: String,
    pub(super) publish_deadline: Duration,
    pub(super) parking_time: Duration,
}

impl RabbitOptions {
    /// The longest name of a queue in bytes, which leaves room for that of its dead letters.
    pub const MAX_NAME: usize = 200;

    /// The queue `name` on the broker at `url`: `amqp://user:password@host:5672/vhost`, or `amqps` for TLS, which
    /// trusts the system's certificates (`SSL_CERT_FILE` names others). Without a vhost it is `/`. A parameter
    /// `heartbeat=SECONDS` is honoured. Of a cluster the addresses of several nodes are given, separated by commas: the
    /// first that answers is used, and when it is lost the next one.
    ///
    /// # Errors
    /// When either cannot be used. The message does not show the address, since a password may stand in it.
    pub fn new(url: &str, name: &str) -> Result<RabbitOptions, InvalidOptions> {
        let nodes = Nodes::parse(url)?;
        if name.is_empty() || name.len() > Self::MAX_NAME || name.starts_with("amq.") {
            return Err(InvalidOptions::Name);
        }
        Ok(RabbitOptions {
            nodes,
            queue: name.to_owned(),
            publish_deadline: Duration::from_secs(2),
            parking_time: PARKING_TIME,
        })
    }

    /// Has `amqps` trust what these certificates (PEM) have signed, and nothing else.
    pub fn with_ca(self, pem: &[u8]) -> Result<RabbitOptions, InvalidOptions> {
        Ok(RabbitOptions { nodes: self.nodes.with_ca(pem)?, ..self })
    }

    /// The longest wait for one confirmation; two seconds when nothing is said.
    #[must_use]
    pub fn with_publish_deadline(mut self, deadline: Duration) -> RabbitOptions {
        self.publish_deadline = deadline;
        self
    }

    /// For how long a parked message is kept back from consumers; ten seconds when nothing is said.
    #[must_use]
    pub fn with_parking_time(mut self, time: Duration) -> RabbitOptions {
        self.parking_time = time;
        self
    }

    pub(super) fn parked_queue(&self) -> String {
        format!("{}.parked", self.queue)
    }

    pub(super) fn dead_queue(&self) -> String {
        format!("{}.dead", self.queue)
    }
}

impl fmt::Debug for RabbitOptions {
    /// Everything but the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitOptions")
            .field("broker", &self.nodes.addresses())
            .field("vhost", &self.nodes.vhost())
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let options = RabbitOptions::new("amqp://me:s3cret@broker:5673/a%2Fb", "jobs").unwrap();
        assert_eq!(options.nodes.vhost(), "a/b");
        let printed = format!("{options:?}");
        assert!(printed.contains("broker") && !printed.contains("s3cret"), "{printed}");
        for bad in [
            "amqp://me:s3cret@broker:x",
            "http://me:s3cret@broker",
            "amqp://me:s3cret@broker:0",
            "amqp://me:s3cret@one,amqp://me:s3cret@two:x",
            "s3cret",
            "",
        ] {
            let error = RabbitOptions::new(bad, "jobs").unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn without_a_vhost_it_is_the_usual_one() {
        for url in ["amqp://broker", "amqp://broker:5672/", "amqps://broker/%2f"] {
            assert_eq!(RabbitOptions::new(url, "jobs").unwrap().nodes.vhost(), "/", "{url}");
        }
    }

    #[test]
    fn the_name_leaves_room_for_the_dead_letters() {
        for (name, good) in [("jobs", true), (&"x".repeat(200), true), ("", false), ("amq.jobs", false)] {
            assert_eq!(RabbitOptions::new("amqp://broker", name).is_ok(), good, "{name:?}");
        }
        assert_eq!(RabbitOptions::new("amqp://broker", &"x".repeat(201)).unwrap_err(), InvalidOptions::Name);
    }
}
