//! A broker of several nodes, of which one is lost.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{collections::BTreeSet, time::Duration};

use job_queue::{PublishError, Queue, RabbitOptions};
use support::{message, metrics, soon, take};
use testkit::{
    TcpProxy,
    servers::RabbitMqCluster,
    shared::{amqp_url, unique_name},
};

/// Longest wait for a broker that elects new leaders while the machine does other things.
const LONG: Duration = Duration::from_secs(60);

fn options(urls: &[&str], name: &str) -> RabbitOptions {
    RabbitOptions::new(&urls.join(","), name).unwrap().with_publish_deadline(Duration::from_secs(10))
}

#[tokio::test]
async fn the_first_node_that_answers_is_used_and_when_it_is_lost_the_next() {
    let amqp = amqp_url().unwrap();
    let (one, first) = TcpProxy::before(&amqp).await.unwrap();
    let (other, second) = TcpProxy::before(&amqp).await.unwrap();
    one.cut().await;
    let queue = Queue::rabbit(options(&[&first, &second], &unique_name("nodes")), metrics());
    soon(queue.wait_until_up()).await;
    assert!((one.accepted(), other.accepted()) == (0, 1), "the second is used");
    let mut consumer = queue.consume(1);
    soon(queue.publish(&message("a"))).await.unwrap();
    assert_eq!(take(&mut consumer).await, "a");

    one.heal().await.unwrap();
    other.cut().await;
    let published = async {
        while queue.publish(&message("b")).await.is_err() {
            queue.wait_until_up().await;
        }
    };
    soon(published).await;
    assert!(one.accepted() > 0, "the first is used again");
    // Its acknowledgement may have been lost with the node.
    while take(&mut consumer).await != "b" {}
    soon(consumer.close()).await;
    soon(queue.close()).await;
}

#[tokio::test]
async fn a_node_that_takes_connections_and_says_nothing_is_passed_over() {
    let amqp = amqp_url().unwrap();
    let (one, first) = TcpProxy::before(&amqp).await.unwrap();
    one.hang();
    let queue = Queue::rabbit(options(&[&first, &amqp], &unique_name("nodes")), metrics());
    soon(queue.wait_until_up()).await;
    soon(queue.publish(&message("a"))).await.unwrap();
    soon(queue.close()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_outlives_the_node_that_led_the_queue() {
    let mut cluster = RabbitMqCluster::start(3).await.unwrap();
    let queue = Queue::rabbit(options(&[&cluster.url()], "jobs"), metrics());
    tokio::time::timeout(LONG, queue.wait_until_up()).await.unwrap();
    let mut consumer = queue.consume(10);
    let publisher = {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut confirmed = Vec::new();
            while confirmed.len() < 4_000 {
                let text = confirmed.len().to_string();
                match queue.publish(&message(&text)).await {
                    Ok(()) => confirmed.push(text),
                    Err(PublishError::TooLong) => unreachable!("it is short"),
                    // It may be in the queue; the same comes once more.
                    Err(_) => queue.wait_until_up().await,
                }
            }
            confirmed
        })
    };
    let mut seen = BTreeSet::new();
    while seen.len() < 300 {
        seen.insert(take(&mut consumer).await);
    }
    let leader = cluster.leader("jobs", 1).await.unwrap();
    cluster.nodes[leader].kill().await.unwrap();
    while seen.len() < 4_000 {
        seen.insert(tokio::time::timeout(LONG, take(&mut consumer)).await.unwrap());
    }
    for text in publisher.await.unwrap() {
        assert!(seen.contains(&text), "{text} was confirmed and is lost");
    }
    soon(consumer.close()).await;
    soon(queue.close()).await;
}
