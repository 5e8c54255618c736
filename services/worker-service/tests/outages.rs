//! A RabbitMQ that is killed, and killed again.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::time::{Duration, Instant};

use support::{
    new_job, rabbit_queue, soon, until,
    worker::{Worker, good_server},
};
use testkit::servers::RabbitMq;
use worker_service::{db::NewJob, job::JobState};

/// From the broker's first answer to the end of a job; a few hundred milliseconds on a quiet machine.
const LIMIT: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_job_that_is_ordered_while_the_broker_is_killed_waits_for_the_broker_and_no_longer() {
    let server = good_server(4).await;
    let mut broker = RabbitMq::start().await.unwrap();
    let queue = rabbit_queue(&broker.url(), "jobs");
    soon(queue.wait_until_up()).await;
    let worker = Worker::on(queue, &server).await;
    for _ in 0..2 {
        broker.kill().await.unwrap();
        let at_once = order(&worker).await;
        until(async || !worker.queue.is_up()).await;
        let later = order(&worker).await;
        broker.restart().await.unwrap();
        let back = Instant::now();
        for job_id in [at_once, later] {
            assert_eq!(worker.table.ended(&job_id, JobState::Succeeded).await.attempts, 1);
        }
        assert!(back.elapsed() < LIMIT, "{:?}", back.elapsed());
    }
    let (_, queue) = worker.stop().await;
    queue.close().await;
}

/// As the API does it; the job's id.
async fn order(worker: &Worker) -> String {
    let (created_at, publish_after) = worker.outbox.schedule(&new_job().order);
    let new = NewJob { created_at, publish_after, ..new_job() };
    worker.table.store(&new).await;
    worker.outbox.publish_new(&new).await;
    new.job_id
}
