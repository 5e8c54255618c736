use anyhow::Context;
use queue_probe::{Source, Target};
use scaling::Policy;
use std::time::Duration;
use testkit::servers::{RabbitMq, RabbitMqOptions};
use testkit::shared::unique_name;
use testkit::{ServiceProcess, ServiceSpec};
use tokio::sync::mpsc;

use super::suggestions::Suggestions;
use crate::autoscaler::Autoscaler;
use crate::event::Event;
use crate::pool::Pool;

/// Most connections to PostgreSQL of each process; a test server has a hundred for all of them.
const SQL_CONNECTIONS: u32 = 6;

/// A broker, the API for jobs, and somebody to ask who takes his time. No workers.
pub struct DemoPlatform {
    api: ServiceProcess,
    broker: RabbitMq,
    suggestions: Suggestions,
    consumer: ServiceSpec,
    queue: String,
}

impl DemoPlatform {
    /// Sets it up on an empty database. Each job of it takes `job_time`, and a worker does `concurrency` at a time.
    pub async fn start(pg_dsn: &str, job_time: Duration, concurrency: u32) -> anyhow::Result<DemoPlatform> {
        let broker =
            RabbitMq::start_with(RabbitMqOptions { plugins: true, ..RabbitMqOptions::default() }).await?;
        let suggestions = Suggestions::start(job_time).await?;
        let queue = unique_name("jobs");
        let service = |role: &str| {
            ServiceSpec::worker_service(role, pg_dsn, &broker.url(), &queue, suggestions.url())
                .env("PG_MAX_CONNECTIONS", SQL_CONNECTIONS)
        };
        let api = ServiceProcess::start(service("api").name("api")).await?;
        let consumer = service("consumer")
            .name("worker")
            .env("CONCURRENCY", concurrency)
            .env("PREFETCH", concurrency)
            .env("LOG_LEVEL", "warn,service_kit=info");
        Ok(DemoPlatform { api, broker, suggestions, consumer, queue })
    }

    pub(super) fn autoscaler(
        &self,
        policy: Policy,
        events: mpsc::UnboundedSender<Event>,
    ) -> anyhow::Result<Autoscaler> {
        let target = Target {
            vhost: "/".to_owned(),
            queue: self.queue.clone(),
            source: Source::Prometheus,
            endpoints: vec![self.broker.prometheus_url().parse().context("the broker's address")?],
            credentials: None,
            ca_pem: None,
        };
        Autoscaler::new(policy, target, Pool::new(self.consumer.clone())?, events)
    }

    pub(super) fn api(&self) -> String {
        self.api.url()
    }

    /// How often a job was computed, all of them together.
    pub(super) fn computed(&self) -> u64 {
        self.suggestions.answered()
    }
}
