//! A RabbitMQ that is killed, and killed again.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::time::{Duration, Instant};

use job_queue::{Queue, QueueMetrics, RabbitOptions};
use prometheus::Registry;
use sql_store::Engine;
use support::{
    Table, new_job, peer, soon,
    worker::{ATTEMPT, Worker, asked, good},
};
use testkit::servers::RabbitMq;
use wiremock::MockServer;
use worker_service::{JobKinds, Suggest, db::NewJob, job::JobState};

/// From the broker's first answer to the end of a job; a few hundred milliseconds on a quiet machine.
const LIMIT: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_job_that_is_ordered_while_the_broker_is_killed_waits_for_the_broker_and_no_longer() {
    let server = MockServer::start().await;
    asked().respond_with(good()).expect(4).mount(&server).await;
    let mut broker = RabbitMq::start().await.unwrap();
    let options = RabbitOptions::new(&broker.url(), "jobs").unwrap();
    let queue = Queue::rabbit(options, QueueMetrics::register(&Registry::new()).unwrap());
    soon(queue.wait_until_up()).await;
    let kinds = JobKinds::default().with(Suggest::new(peer(&server.uri(), ATTEMPT)));
    let worker = Worker::over(Table::new(Engine::Sqlite).await, queue, kinds, 4);
    for _ in 0..2 {
        broker.kill().await.unwrap();
        let at_once = order(&worker).await;
        let noticed = async {
            while worker.queue.is_up() {
                tokio::task::yield_now().await;
            }
        };
        soon(noticed).await;
        let later = order(&worker).await;
        broker.restart().await.unwrap();
        let back = Instant::now();
        for job_id in [at_once, later] {
            let job = worker.table.job_when(&job_id, |job| job.state == JobState::Succeeded).await;
            assert_eq!(job.attempts, 1);
        }
        assert!(back.elapsed() < LIMIT, "{:?}", back.elapsed());
    }
    let (_, queue) = worker.stop().await;
    queue.close().await;
}

/// As the API does it; the job's id.
async fn order(worker: &Worker) -> String {
    let (created_at, publish_after) = worker.outbox.schedule();
    let new = NewJob { created_at, publish_after, ..new_job() };
    worker.table.store(&new).await;
    worker.outbox.publish_new(&new).await;
    new.job_id
}
