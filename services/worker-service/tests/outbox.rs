//! From the table into a queue on RabbitMQ, and into one in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use job_queue::{Consumer, Queue};
use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use sql_store::Engine;
use support::{Table, at, memory_queue, new_job, order, rabbit_queue, soon, until};
use testkit::{
    TcpProxy,
    shared::{amqp_url, unique_name},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use wire::Timestamp;
use worker_service::{
    db::NewJob,
    job::{JobOrder, JobState},
    outbox::Outbox,
    outcome::JobOutcome,
};

/// An outbox whose marks are written.
fn outbox(table: &Table, queue: &Queue) -> Outbox {
    let (outbox, marks) = Outbox::new(table.jobs.clone(), queue.clone(), TaskTracker::new());
    tokio::spawn(Outbox::write_marks(table.jobs.clone(), marks));
    outbox
}

async fn delete(queue: &str) {
    let connection =
        Connection::connect(&amqp_url().unwrap(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for name in ["", ".dead", ".parked"].map(|end| format!("{queue}{end}")) {
        channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
    }
}

async fn take(messages: &mut Consumer) -> String {
    let delivery = soon(messages.next()).await.unwrap();
    let job_id = delivery.message().id.clone();
    delivery.ack();
    job_id
}

#[tokio::test]
async fn what_is_ordered_while_the_broker_is_down_is_published_when_it_is_back() {
    let (proxy, url) = TcpProxy::before(&amqp_url().unwrap()).await.unwrap();
    proxy.cut().await;
    let name = unique_name("outbox");
    let (table, queue) = (Table::new(Engine::Sqlite).await, rabbit_queue(&url, &name));
    let outbox = outbox(&table, &queue);
    let stopping = CancellationToken::new();
    let relay = tokio::spawn(outbox.clone().relay(stopping.clone()));

    let mut ids = BTreeSet::new();
    for _ in 0..20 {
        let (created_at, publish_after) = outbox.schedule(&order());
        assert_eq!(created_at, publish_after, "nobody else will publish it");
        let new = NewJob { created_at, publish_after, ..new_job() };
        table.store(&new).await;
        outbox.publish_new(&new).await;
        ids.insert(new.job_id);
    }
    proxy.heal().await.unwrap();

    let mut messages = queue.consume(100);
    let mut seen = BTreeSet::new();
    while seen.len() < ids.len() {
        seen.insert(take(&mut messages).await);
    }
    assert_eq!(seen, ids);
    let (created_at, publish_after) = outbox.schedule(&order());
    assert!(publish_after > created_at, "now the order itself publishes it");
    stopping.cancel();
    relay.await.unwrap();
    messages.close().await;
    queue.close().await;
    delete(&name).await;
}

#[tokio::test]
async fn an_urgent_job_overtakes_those_that_still_wait_in_the_table() {
    let name = unique_name("outbox");
    let (table, queue) = (Table::new(Engine::Sqlite).await, rabbit_queue(&amqp_url().unwrap(), &name));
    let outbox = outbox(&table, &queue);
    let stopping = CancellationToken::new();
    let relay = tokio::spawn(outbox.clone().relay(stopping.clone()));
    let usual = JobOrder { priority: 0, ..order() };
    let jobs: Vec<NewJob> = (0..300)
        .map(|_| NewJob { order: usual.clone(), publish_after: Timestamp::now(), ..new_job() })
        .collect();
    join_all(jobs.iter().map(|new| table.store(new))).await;
    // As many as there is room for, and no more.
    until(async || queue.depth().await.is_ok_and(|depth| depth.work >= 100)).await;

    let urgent = NewJob { publish_after: at(100_000_000_000), ..new_job() };
    table.store(&urgent).await;
    outbox.publish_new(&urgent).await;
    until(async || queue.depth().await.is_ok_and(|depth| depth.work >= 101)).await;
    let mut messages = queue.consume(1);
    let mut taken = Vec::new();
    while taken.len() < jobs.len() + 1 {
        taken.push(take(&mut messages).await);
    }
    let place = taken.iter().position(|id| *id == urgent.job_id).unwrap();
    assert!(place <= 100, "{place} came before it, in the order in which the broker got them");
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), jobs.len() + 1);
    stopping.cancel();
    relay.await.unwrap();
    messages.close().await;
    queue.close().await;
    delete(&name).await;
}

#[tokio::test]
async fn an_order_that_meets_a_broker_that_has_just_gone_is_due_at_once() {
    let (proxy, url) = TcpProxy::before(&amqp_url().unwrap()).await.unwrap();
    proxy.cut().await;
    let (table, queue) = (Table::new(Engine::Sqlite).await, rabbit_queue(&url, &unique_name("outbox")));
    // It was up when the order was stored, so that others leave it alone until long after.
    let now = wire::Timestamp::now();
    let new = NewJob { created_at: now, publish_after: now.plus(Duration::from_secs(3_600)), ..new_job() };
    table.store(&new).await;
    outbox(&table, &queue).publish_new(&new).await;
    let then = now.plus(Duration::from_secs(60));
    until(async || !table.jobs.take_due(then, then, 0, 9).await.unwrap().is_empty()).await;
    queue.close().await;
}

#[tokio::test]
async fn a_published_job_is_not_published_again() {
    let (table, queue) = (Table::new(Engine::Sqlite).await, memory_queue());
    let outbox = outbox(&table, &queue);
    let new = new_job();
    table.store(&new).await;
    outbox.publish_new(&new).await;
    // The lease ends at once, so the job stays due until it is marked.
    until(async || table.jobs.take_due(at(200), at(200), 0, 9).await.unwrap().is_empty()).await;
    assert_eq!(take(&mut queue.consume(9)).await, new.job_id);
}

#[tokio::test]
async fn the_message_carries_case_id_and_trace_and_says_what_it_is_for() {
    let (table, queue) = (Table::new(Engine::Sqlite).await, memory_queue());
    let new = new_job();
    table.store(&new).await;
    let relay = tokio::spawn(outbox(&table, &queue).relay(CancellationToken::new()));
    let delivery = soon(queue.consume(9).next()).await.unwrap();
    let message = delivery.message();
    assert_eq!((&message.id, &message.correlation_id), (&new.job_id, &new.case_id));
    let ours = table.jobs.installation().await.unwrap();
    assert_eq!(message.headers["x-installation"], ours);
    assert_eq!(message.headers["traceparent"], new.trace["traceparent"]);
    let body: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(body, serde_json::json!({"case_id": new.case_id, "job_id": new.job_id, "kind": "suggest"}));
    relay.abort();
}

#[tokio::test]
async fn a_retry_is_published_when_its_time_has_come() {
    let (table, queue) = (Table::new(Engine::Sqlite).await, memory_queue());
    let new = new_job();
    table.store(&new).await;
    let now = wire::Timestamp::now();
    table.jobs.claim(&new.job_id, now).await.unwrap();
    let verdict = JobOutcome::Retry("unreachable".to_owned(), Duration::from_millis(300));
    assert!(table.jobs.settle(&new.job_id, 1, &verdict, now).await.unwrap());
    let stopping = CancellationToken::new();
    let relay = tokio::spawn(outbox(&table, &queue).relay(stopping.clone()));

    assert_eq!(take(&mut queue.consume(9)).await, new.job_id);
    assert!(wire::Timestamp::now().micros() - now.micros() >= 300_000);
    let job = table.job_when(&new.job_id, |job| job.next_attempt_at.is_none()).await;
    assert_eq!((job.state, job.attempts), (JobState::Queued, 1));
    stopping.cancel();
    relay.await.unwrap();
}
