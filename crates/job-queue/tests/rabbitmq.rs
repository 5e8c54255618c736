//! A broker that is unreachable, hangs, forgets its queues or has others, and connections that break.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use job_queue::{PublishError, Queue};
use lapin::{options::QueueDeclareOptions, types::FieldTable};
use support::{Rabbit, message, metrics, next, soon, take, text};
use tokio::net::TcpListener;

async fn until_down(queue: &Queue) -> String {
    soon(async {
        loop {
            if let Err(reason) = queue.check().await
                && !queue.is_up()
            {
                return reason;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_broker_that_is_down_at_the_start_is_used_as_soon_as_it_is_there() {
    let rabbit = Rabbit::new().await;
    rabbit.proxy.cut().await;
    let queue = rabbit.open();
    let mut consumer = queue.consume(1);
    assert!(matches!(queue.publish(&message("a")).await, Err(PublishError::Down(_))));
    assert!(!queue.is_up());

    rabbit.proxy.heal().await.unwrap();
    soon(queue.wait_until_up()).await;
    // A quorum queue that has just been declared refuses messages until it has elected its leader.
    let published = async { while queue.publish(&message("b")).await == Err(PublishError::Refused) {} };
    soon(published).await;
    assert_eq!(take(&mut consumer).await, "b");

    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn what_was_confirmed_survives_cuts_of_the_connection() {
    let (rabbit, queue) = Rabbit::connected().await;
    let publishers: Vec<_> = (0..8)
        .map(|publisher| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut confirmed = Vec::new();
                while confirmed.len() < 60 {
                    soon(queue.wait_until_up()).await;
                    let text = format!("{publisher}-{}", confirmed.len());
                    match queue.publish(&message(&text)).await {
                        Ok(()) => confirmed.push(text),
                        Err(PublishError::Down(_) | PublishError::Broken) => tokio::task::yield_now().await,
                        Err(error) => panic!("{error}"),
                    }
                }
                confirmed
            })
        })
        .collect();
    let mut consumer = queue.consume(10);
    let mut seen = BTreeSet::new();
    for received in 0.. {
        if seen.len() == 8 * 60 {
            break;
        }
        if [50, 150, 300].contains(&received) {
            rabbit.cut_for_a_moment().await;
        }
        seen.insert(take(&mut consumer).await);
    }

    for publisher in publishers {
        for text in publisher.await.unwrap() {
            assert!(seen.contains(&text), "{text} was confirmed and is lost");
        }
    }
    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn after_a_cut_an_unacknowledged_message_comes_again_and_an_old_ack_means_nothing() {
    let (rabbit, queue) = Rabbit::connected().await;
    let mut consumer = queue.consume(1);
    for text in ["a", "b", "c"] {
        queue.publish(&message(text)).await.unwrap();
    }
    let stale = next(&mut consumer).await;
    rabbit.cut_for_a_moment().await;

    let again = next(&mut consumer).await;
    stale.ack();
    assert_eq!((text(again.message()), again.redelivered()), ("a".to_owned(), true));
    again.ack();
    assert_eq!([take(&mut consumer).await, take(&mut consumer).await], ["b", "c"]);

    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn a_deleted_queue_is_declared_again_and_nothing_is_lost() {
    let (rabbit, queue) = Rabbit::connected().await;
    for round in 0..3 {
        rabbit.delete().await;
        let publishers: Vec<_> = (0..50)
            .map(|n| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.publish(&message(&format!("{round}-{n}"))).await })
            })
            .collect();
        for publisher in publishers {
            publisher.await.unwrap().unwrap();
        }
        let mut consumer = queue.consume(10);
        let mut seen = BTreeSet::new();
        while seen.len() < 50 {
            seen.insert(take(&mut consumer).await);
        }
        assert!(seen.iter().all(|text| text.starts_with(&format!("{round}-"))));
        consumer.close().await;
        queue.dead_letter(&message("dead"), "also there").await.unwrap();
    }
    rabbit.end(queue, None).await;
}

#[tokio::test]
async fn a_consumer_whose_queue_is_deleted_subscribes_again() {
    let (rabbit, queue) = Rabbit::connected().await;
    let mut consumer = queue.consume(1);
    queue.publish(&message("a")).await.unwrap();
    assert_eq!(take(&mut consumer).await, "a");
    rabbit.delete().await;
    queue.publish(&message("b")).await.unwrap();
    assert_eq!(take(&mut consumer).await, "b");
    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn a_queue_with_other_settings_is_named_with_what_to_do() {
    let rabbit = Rabbit::new().await;
    let (connection, channel) = rabbit.channel().await;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(rabbit.name.as_str().into(), durable, FieldTable::default()).await.unwrap();

    let queue = rabbit.open();
    let reason = soon(async {
        loop {
            match queue.check().await {
                Err(reason) if reason != "not connected yet" => return reason,
                _ => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    assert!(reason.contains("other settings; delete it once it is empty"), "{reason}");

    channel.queue_delete(rabbit.name.as_str().into(), Default::default()).await.unwrap();
    soon(queue.wait_until_up()).await;
    queue.publish(&message("a")).await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    rabbit.end(queue, None).await;
}

#[tokio::test]
async fn a_broker_that_hangs_costs_a_deadline_and_no_more() {
    let deadline = Duration::from_millis(200);
    let (rabbit, queue) = Rabbit::connected_with(|options| options.with_publish_deadline(deadline)).await;
    rabbit.proxy.hang();

    let started = Instant::now();
    assert_eq!(queue.publish(&message("a")).await, Err(PublishError::Deadline(deadline)));
    assert!(started.elapsed() < deadline * 5);
    let reason = queue.check().await.unwrap_err();
    assert!(reason.contains("did not answer"), "{reason}");

    rabbit.proxy.heal().await.unwrap();
    queue.publish(&message("b")).await.unwrap();
    rabbit.end(queue, None).await;
}

#[tokio::test]
async fn a_consumer_is_closed_at_once_while_the_broker_is_down() {
    let (rabbit, queue) = Rabbit::connected().await;
    let mut consumer = queue.consume(1);
    queue.publish(&message("a")).await.unwrap();
    let held = next(&mut consumer).await;
    rabbit.proxy.cut().await;
    until_down(&queue).await;
    rabbit.end(queue, Some(consumer)).await;
    drop(held);
}

#[tokio::test]
async fn a_parked_message_comes_back_behind_the_others_and_tells_how_often() {
    let parked_for = Duration::from_millis(500);
    let (rabbit, queue) = Rabbit::connected_with(|options| options.with_parking_time(parked_for)).await;
    let mut consumer = queue.consume(1);
    queue.publish(&message("a")).await.unwrap();
    for times in 0..2 {
        let foreign = next(&mut consumer).await;
        assert_eq!((text(foreign.message()), foreign.message().times_parked()), ("a".to_owned(), times));
        queue.park(foreign.message()).await.unwrap();
        foreign.ack();
        queue.publish(&message("b")).await.unwrap();
        assert_eq!(take(&mut consumer).await, "b", "it is in nobody's way");
    }
    assert_eq!(queue.depth().await.unwrap().dead, 0);
    assert_eq!(take(&mut consumer).await, "a");
    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn a_broker_that_is_back_is_used_within_a_second() {
    let (rabbit, queue) = Rabbit::connected().await;
    let mut consumer = queue.consume(1);
    for round in ["a", "b"] {
        rabbit.proxy.cut().await;
        until_down(&queue).await;
        // Long enough for the pauses between attempts to have grown as far as they do.
        tokio::time::sleep(Duration::from_secs(3)).await;
        rabbit.proxy.heal().await.unwrap();
        let back = Instant::now();
        soon(queue.wait_until_up()).await;
        queue.publish(&message(round)).await.unwrap();
        // The cut may have come before the acknowledgement of the round before.
        while take(&mut consumer).await != round {}
        assert!(back.elapsed() < Duration::from_secs(2), "it took {:?}", back.elapsed());
    }
    rabbit.end(queue, Some(consumer)).await;
}

#[tokio::test]
async fn tls_is_never_replaced_by_plain_text() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("amqps://me:s3cret@{}", listener.local_addr().unwrap());
    let queue = Queue::rabbit(job_queue::RabbitOptions::new(&url, "jobs").unwrap(), metrics());
    let (mut stream, _) = soon(listener.accept()).await.unwrap();
    let mut first = [0; 1];
    soon(tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first)).await.unwrap();
    assert_eq!(first, [0x16], "a TLS handshake begins so, and AMQP with an A");
    queue.close().await;
}
