use std::time::Duration;

use anyhow::Context;
use queue_probe::{Source, Target};
use scaling::Policy;
use serde_json::json;
use tempfile::{TempDir, tempdir};
use testkit::servers::{RabbitMq, RabbitMqOptions};
use testkit::shared::unique_name;
use testkit::{ServiceProcess, ServiceSpec};
use tokio::sync::mpsc;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::mails::Mails;
use crate::autoscaler::Autoscaler;
use crate::event::Event;
use crate::pool::Pool;

/// The path of what is asked of suggestion-service.
const SUGGESTIONS: &str = "/suggestions";
/// Most connections to PostgreSQL of each process; a test server has a hundred for all of them.
const SQL_CONNECTIONS: u32 = 6;

/// A broker, the API for jobs, and those that jobs ask, who take their time. No workers.
pub struct DemoPlatform {
    api: ServiceProcess,
    broker: RabbitMq,
    suggestions: MockServer,
    pub(super) mails: Mails,
    /// Where mails are written.
    _folder: TempDir,
    consumer: ServiceSpec,
    queue: String,
}

impl DemoPlatform {
    /// Sets it up on an empty database. Each job of it takes `job_time`, and a worker does `concurrency` at a time.
    pub async fn start(pg_dsn: &str, job_time: Duration, concurrency: u32) -> anyhow::Result<DemoPlatform> {
        let broker =
            RabbitMq::start_with(RabbitMqOptions { plugins: true, ..RabbitMqOptions::default() }).await?;
        let (suggestions, mails, folder) = (suggestions(job_time).await, Mails::start().await, tempdir()?);
        let queue = unique_name("jobs");
        let service = |role: &str| {
            ServiceSpec::worker_service(role, pg_dsn, &broker.url(), &queue, &suggestions.uri())
                .env("PG_MAX_CONNECTIONS", SQL_CONNECTIONS)
                .env("USER_SERVICE_BASE", mails.url())
                .env("DATA_DIR", folder.path().display())
        };
        let api = ServiceProcess::start(service("api").name("api")).await?;
        let consumer = service("consumer")
            .name("worker")
            .env("CONCURRENCY", concurrency)
            .env("PREFETCH", concurrency)
            .env("LOG_LEVEL", "warn,service_kit=info");
        Ok(DemoPlatform { api, broker, suggestions, mails, _folder: folder, consumer, queue })
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
    pub(super) async fn computed(&self) -> usize {
        let received = self.suggestions.received_requests().await.unwrap_or_default();
        received.iter().filter(|request| request.url.path() == SUGGESTIONS).count()
    }
}

/// Stands in for suggestion-service, and takes its time for each answer.
async fn suggestions(time: Duration) -> MockServer {
    let server = MockServer::start().await;
    let body = json!({"case_id": "demo", "suggestions": [{"day": "monday", "slot": [9, 10]}]});
    let answer = ResponseTemplate::new(200).set_body_json(body).set_delay(time);
    Mock::given(path(SUGGESTIONS)).respond_with(answer).mount(&server).await;
    server
}
