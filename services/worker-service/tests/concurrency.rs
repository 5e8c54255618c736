//! Jobs side by side, and a consumer that is told to stop.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::sync::atomic::Ordering;

use futures::FutureExt;
use sql_store::Engine;
use support::{
    Table, new_job, rabbit_queue, soon, until,
    worker::{Worker, count, gate, good_server},
};
use testkit::shared::{amqp_url, unique_name};
use worker_service::{JobKinds, Suggest, db::NewJob, job::JobState};

#[tokio::test]
async fn a_stop_finishes_what_runs_and_gives_back_what_has_not_begun() {
    let mut gate = gate();
    let worker = Worker::start(gate.peer.clone(), 2).await;
    let jobs: Vec<NewJob> = (0..6).map(|_| new_job()).collect();
    for new in &jobs {
        worker.keep(new).await;
        worker.publish(new).await;
    }
    for _ in 0..2 {
        soon(gate.asked.recv()).await.unwrap();
    }
    worker.service.stopping.cancel();
    gate.may_answer.add_permits(100);

    let (table, queue) = worker.stop().await;
    let mut states = Vec::new();
    for new in &jobs {
        states.push(table.job(&new.job_id).await.state);
    }
    assert_eq!(states[..2], [JobState::Succeeded; 2]);
    assert_eq!(states[2..], [JobState::Queued; 4]);
    assert_eq!(count(&queue), 4);
    assert_eq!(gate.asked.recv().now_or_never(), None, "nothing more was begun");
}

#[tokio::test]
async fn no_more_jobs_run_at_once_than_allowed() {
    let mut gate = gate();
    let worker = Worker::start(gate.peer.clone(), 3).await;
    let jobs: Vec<NewJob> = (0..9).map(|_| new_job()).collect();
    for new in &jobs {
        worker.order(new).await;
    }
    for _ in 0..9 {
        soon(gate.asked.recv()).await.unwrap();
        gate.may_answer.add_permits(1);
    }
    for new in &jobs {
        worker.table.ended(&new.job_id, JobState::Succeeded).await;
    }
    assert!(gate.at_once.load(Ordering::SeqCst) <= 3);
    worker.stop().await;
}

#[tokio::test]
async fn the_gauge_tells_how_many_jobs_are_at_work() {
    let mut gate = gate();
    let worker = Worker::start(gate.peer.clone(), 2).await;
    assert_eq!(worker.at_work(), 0.0);
    for _ in 0..3 {
        worker.order(&new_job()).await;
    }
    for _ in 0..2 {
        soon(gate.asked.recv()).await.unwrap();
    }
    assert_eq!(worker.at_work(), 2.0, "one of the three has to wait");

    gate.may_answer.add_permits(100);
    soon(gate.asked.recv()).await.unwrap();
    until(async || worker.at_work() == 0.0).await;
    worker.stop().await;
}

#[tokio::test]
async fn once_a_pause_has_begun_all_that_was_taken_is_counted_and_no_more_begins() {
    let mut gate = gate();
    let worker = Worker::start(gate.peer.clone(), 2).await;
    let (begun, late) = (new_job(), new_job());
    worker.order(&begun).await;
    soon(gate.asked.recv()).await.unwrap();
    worker.pause.begin().await;
    assert_eq!(worker.at_work(), 1.0);

    worker.keep(&late).await;
    worker.publish(&late).await;
    gate.may_answer.add_permits(100);
    worker.table.ended(&begun.job_id, JobState::Succeeded).await;
    let (table, queue) = worker.stop().await;
    assert_eq!(table.job(&late.job_id).await.state, JobState::Queued);
    assert_eq!(count(&queue), 1);
}

#[tokio::test]
async fn in_a_pause_what_was_only_fetched_ahead_goes_back_to_the_broker() {
    let mut gate = gate();
    let kinds = JobKinds::default().with(Suggest::new(gate.peer.clone()));
    let queue = rabbit_queue(&amqp_url().unwrap(), &unique_name("pause"));
    let worker = Worker::over(Table::new(Engine::Sqlite).await, queue, kinds, 1);
    soon(worker.queue.wait_until_up()).await;
    for _ in 0..4 {
        let new = new_job();
        worker.keep(&new).await;
        worker.publish(&new).await;
    }
    soon(gate.asked.recv()).await.unwrap();
    worker.pause.begin().await;
    // For other workers; the job that has begun stays with this one.
    until(async || worker.queue.depth().await.is_ok_and(|depth| depth.work == 3)).await;
    assert_eq!(worker.at_work(), 1.0);

    gate.may_answer.add_permits(100);
    let (_, queue) = worker.stop().await;
    assert_eq!(gate.asked.recv().now_or_never(), None, "nothing more was begun");
    queue.close().await;
}

#[tokio::test]
async fn while_the_table_is_down_a_job_waits_and_a_stop_gives_it_back() {
    let server = good_server(0).await;
    let (worker, new) = (Worker::asking(&server).await, new_job());
    worker.keep(&new).await;
    worker.table.jobs.db().close().await;
    worker.publish(&new).await;
    until(async || count(&worker.queue) == 0).await;
    let (_, queue) = worker.stop().await;
    assert_eq!(count(&queue), 1);
    assert!(queue.dead_letters(9).await.unwrap().is_empty());
}
