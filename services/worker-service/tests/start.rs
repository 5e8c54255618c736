//! How soon a consumer that has just been started does its first job.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use job_queue::{Queue, QueueMetrics, RabbitOptions};
use prometheus::Registry;
use sql_store::Engine;
use support::{
    Table, message, new_job, soon, until,
    worker::{asked, good},
};
use testkit::shared::{amqp_url, unique_name};
use wiremock::MockServer;

/// Some 100 ms on a quiet machine.
const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_consumer_does_its_first_job_soon_after_its_start() {
    let (url, name) = (amqp_url().unwrap(), unique_name("start"));
    // The consumer declares it with the parking time of every day.
    let options = RabbitOptions::new(&url, &name).unwrap();
    let queue = Queue::rabbit(options, QueueMetrics::register(&Registry::new()).unwrap());
    soon(queue.wait_until_up()).await;
    let table = Table::new(Engine::Postgres).await;
    let new = new_job();
    table.store(&new).await;
    queue.publish(&message(&new)).await.unwrap();
    let server = MockServer::start().await;
    asked().respond_with(good()).mount(&server).await;

    let begin = Instant::now();
    let mut consumer = Command::new(env!("CARGO_BIN_EXE_worker-service"))
        .args(["--role", "consumer", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
        .args(["--queue-name", &name, "--suggestion-base", &server.uri()])
        .env("RABBITMQ_URL", &url)
        .env("PG_DSN", table.dsn.as_ref().unwrap().expose())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until(async || !server.received_requests().await.unwrap().is_empty()).await;
    let took = begin.elapsed();
    consumer.kill().unwrap();
    consumer.wait().unwrap();
    queue.close().await;
    assert!(took < LIMIT, "{took:?}");
}
