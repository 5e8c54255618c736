//! The workers of `make dev`.

use std::time::Duration;

use anyhow::Context;
use local_platform::{Autoscaler, Event, Pool};
use queue_probe::{Source, Target};
use scaling::Policy;
use testkit::Distributed;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::stores::Stores;

/// Jobs that one worker does at a time, and messages that it holds: few, so that there is something to see.
pub(super) const CONCURRENCY: u32 = 4;
/// As many workers as a laptop bears.
pub(super) const MOST: u32 = 4;

/// Consumers that come and go with the queue.
pub(super) struct Scaled {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Scaled {
    pub(super) fn start(platform: &Distributed, stores: &Stores) -> anyhow::Result<Scaled> {
        let target = Target {
            vhost: "/".to_owned(),
            queue: platform.queue_name().to_owned(),
            source: Source::Prometheus,
            endpoints: vec![stores.rabbitmq.prometheus_url().parse().context("the broker's address")?],
            credentials: None,
            ca_pem: None,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let pool = Pool::new(platform.consumer_spec().clone())?;
        let autoscaler = Autoscaler::new(policy(), target, pool, sender)?;
        let stop = CancellationToken::new();
        tokio::spawn(print(events));
        Ok(Scaled { running: tokio::spawn(autoscaler.run(stop.clone())), stop })
    }

    /// Tells all workers to leave and waits until they have.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.running.await.context("the scaling of workers has failed")
    }
}

fn policy() -> Policy {
    Policy {
        concurrency: CONCURRENCY,
        prefetch: CONCURRENCY,
        service_time_hint: Duration::from_millis(100),
        max_replicas: MOST,
        poll: Duration::from_secs(2),
        scale_to_zero_after: Duration::from_secs(60),
        ..Policy::default()
    }
}

async fn print(mut events: mpsc::UnboundedReceiver<Event>) {
    while let Some(event) = events.recv().await {
        if event.is_news() {
            println!("scaling | {event}");
        }
    }
}
