//! Two installations on one broker that use the same queue.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::time::Duration;

use job_queue::{Queue, QueueMetrics, RabbitOptions};
use prometheus::Registry;
use sql_store::Engine;
use support::{
    Table, new_job, peer, soon,
    worker::{ATTEMPT, Worker, asked, good},
};
use testkit::shared::{amqp_url, unique_name};
use wiremock::MockServer;
use worker_service::{JobKinds, Suggest, db::NewJob, job::JobState};

#[tokio::test]
async fn each_does_its_own_jobs_and_eats_none_of_the_other() {
    let server = MockServer::start().await;
    asked().respond_with(good()).expect(40).mount(&server).await;
    let name = unique_name("shared");
    let mut workers = Vec::new();
    for _ in 0..2 {
        let options = RabbitOptions::new(&amqp_url().unwrap(), &name).unwrap();
        let options = options.with_parking_time(Duration::from_millis(200));
        let queue = Queue::rabbit(options, QueueMetrics::register(&Registry::new()).unwrap());
        soon(queue.wait_until_up()).await;
        let kinds = JobKinds::default().with(Suggest::new(peer(&server.uri(), ATTEMPT)));
        workers.push(Worker::over(Table::new(Engine::Sqlite).await, queue, kinds, 4));
    }
    let jobs: Vec<NewJob> = (0..40).map(|_| new_job()).collect();
    for (n, new) in jobs.iter().enumerate() {
        workers[n % 2].order(new).await;
    }
    for (n, new) in jobs.iter().enumerate() {
        let job = workers[n % 2].table.job_when(&new.job_id, |job| job.state == JobState::Succeeded).await;
        assert_eq!(job.attempts, 1);
    }
    assert!(workers.iter().any(|worker| worker.outcomes("foreign") > 0), "some came to the wrong one first");
    for worker in workers {
        let (_, queue) = worker.stop().await;
        assert!(queue.dead_letters(9).await.unwrap().is_empty());
        queue.close().await;
    }
}
