//! Two installations on one broker that use the same queue.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use support::{
    new_job, rabbit_queue, soon,
    worker::{Worker, good_server},
};
use testkit::shared::{amqp_url, unique_name};
use worker_service::{db::NewJob, job::JobState};

#[tokio::test]
async fn each_does_its_own_jobs_and_eats_none_of_the_other() {
    let server = good_server(40).await;
    let name = unique_name("shared");
    let mut workers = Vec::new();
    for _ in 0..2 {
        let queue = rabbit_queue(&amqp_url().unwrap(), &name);
        soon(queue.wait_until_up()).await;
        workers.push(Worker::on(queue, &server).await);
    }
    let jobs: Vec<NewJob> = (0..40).map(|_| new_job()).collect();
    for (n, new) in jobs.iter().enumerate() {
        workers[n % 2].order(new).await;
    }
    for (n, new) in jobs.iter().enumerate() {
        assert_eq!(workers[n % 2].table.ended(&new.job_id, JobState::Succeeded).await.attempts, 1);
    }
    assert!(workers.iter().any(|worker| worker.outcomes("foreign") > 0), "some came to the wrong one first");
    for worker in workers {
        let (_, queue) = worker.stop().await;
        assert!(queue.dead_letters(9).await.unwrap().is_empty());
        queue.close().await;
    }
}
