use std::time::Duration;

use scaling::Observation;

use crate::amqp::Amqp;
use crate::management::Management;
use crate::prometheus::Prometheus;
use crate::target::{ProbeError, Source, Target};

/// Asks for one queue, again and again.
///
/// What connects it to the broker is kept between observations. When that breaks it is made anew; while the broker
/// refuses, AMQP connections are attempted ever more seldom, up to 4 s apart, and an observation in between says at
/// once what the last attempt has said.
#[derive(Debug)]
pub struct Probe(Reader);

#[derive(Debug)]
enum Reader {
    Amqp(Box<Amqp>),
    Management(Box<Management>),
    Prometheus(Box<Prometheus>),
}

impl Probe {
    /// Prepares it; nothing is asked yet.
    ///
    /// # Errors
    /// When the target makes no sense, with the field of the resource that is wrong.
    pub fn new(target: Target) -> Result<Probe, ProbeError> {
        target.check()?;
        tls_provider::install();
        Ok(Probe(match target.source {
            Source::Amqp => Reader::Amqp(Box::new(Amqp::new(target)?)),
            Source::Management => Reader::Management(Box::new(Management::new(target)?)),
            Source::Prometheus => Reader::Prometheus(Box::new(Prometheus::new(target)?)),
        }))
    }

    /// What the broker says now. It takes no longer than `deadline`; later is unreachable. The future may be dropped:
    /// the next call begins with a connection of its own.
    pub async fn observe(&mut self, deadline: Duration) -> Observation {
        let observed = match &mut self.0 {
            Reader::Amqp(amqp) => amqp.observe(deadline).await,
            Reader::Management(management) => management.observe(deadline).await,
            Reader::Prometheus(prometheus) => prometheus.observe(deadline).await,
        };
        match observed {
            Ok(sample) => Observation::Sample(sample),
            Err(unknown) => Observation::Unknown(unknown),
        }
    }

    /// Says goodbye to the broker, where there is a connection; takes at most a second.
    pub async fn close(self) {
        if let Reader::Amqp(amqp) = self.0 {
            amqp.close().await;
        }
    }
}
