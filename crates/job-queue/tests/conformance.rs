//! What a queue has to do, on both backends.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::collections::BTreeSet;

use bytes::Bytes;
use job_queue::{Message, PublishError, Queue, REASON};
use support::{Rabbit, message, metrics, next, soon, take, text};

macro_rules! on_both {
    ($($case:ident)*) => {
        mod in_process {
            use super::*;
            $(#[tokio::test] async fn $case() { super::$case(Queue::memory(metrics())).await; })*
        }

        mod on_rabbitmq {
            use super::*;
            $(#[tokio::test] async fn $case() {
                let (rabbit, queue) = Rabbit::connected().await;
                super::$case(queue.clone()).await;
                rabbit.end(queue, None).await;
            })*
        }
    };
}

on_both! {
    what_is_published_comes_out_whole_and_in_order
    a_message_goes_to_one_consumer
    an_acknowledged_message_is_gone
    a_dropped_delivery_comes_again_and_is_marked
    a_requeued_message_comes_again_and_is_marked
    no_more_than_the_prefetch_is_with_one_consumer
    a_dropped_consumer_gives_back_what_it_has_fetched
    after_a_cancel_what_was_handed_out_can_still_be_acknowledged
    closing_waits_for_what_was_handed_out
    dead_letters_stay_with_their_reason
    no_more_dead_letters_are_kept_than_wanted_and_none_vanishes_unseen
    many_publish_at_once
    what_does_not_fit_is_refused
    it_answers_a_health_check
}

async fn publish(queue: &Queue, texts: &[&str]) {
    for text in texts {
        queue.publish(&message(text)).await.unwrap();
    }
}

async fn what_is_published_comes_out_whole_and_in_order(queue: Queue) {
    let large: Vec<u8> = (0..200_000).map(|n: u32| n.to_le_bytes()[1]).collect();
    let messages = [
        Message {
            id: "x".repeat(Message::MAX_SHORT),
            correlation_id: "case-1".to_owned(),
            headers: [("traceparent", "00-ab-cd-01"), ("empty", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            priority: 9,
            body: Bytes::from(large),
        },
        Message::default(),
        message("größer"),
    ];
    for message in &messages {
        queue.publish(message).await.unwrap();
    }
    let mut consumer = queue.consume(1);
    for message in &messages {
        let delivery = next(&mut consumer).await;
        assert!(delivery.message() == message, "{:?}", delivery.message().id);
        assert!(!delivery.redelivered());
        delivery.ack();
    }
    consumer.close().await;
}

async fn a_message_goes_to_one_consumer(queue: Queue) {
    let mut consumers = [queue.consume(1), queue.consume(1)];
    publish(&queue, &["a", "b"]).await;
    let [first, second] = &mut consumers;
    let (one, other) = (next(first).await, next(second).await);
    assert_ne!(one.message(), other.message());
    one.ack();
    other.ack();
}

async fn an_acknowledged_message_is_gone(queue: Queue) {
    publish(&queue, &["a"]).await;
    let mut consumer = queue.consume(5);
    assert_eq!(take(&mut consumer).await, "a");
    consumer.close().await;
    publish(&queue, &["b"]).await;
    assert_eq!(take(&mut queue.consume(5)).await, "b");
}

async fn a_dropped_delivery_comes_again_and_is_marked(queue: Queue) {
    publish(&queue, &["a"]).await;
    let mut consumer = queue.consume(1);
    drop(next(&mut consumer).await);
    let again = next(&mut consumer).await;
    assert_eq!((text(again.message()), again.redelivered()), ("a".to_owned(), true));
    again.ack();
    consumer.close().await;
}

async fn a_requeued_message_comes_again_and_is_marked(queue: Queue) {
    publish(&queue, &["a"]).await;
    let mut consumer = queue.consume(1);
    next(&mut consumer).await.requeue();
    consumer.close().await;
    let mut consumer = queue.consume(1);
    let again = next(&mut consumer).await;
    assert_eq!((text(again.message()), again.redelivered()), ("a".to_owned(), true));
    again.ack();
    consumer.close().await;
}

async fn no_more_than_the_prefetch_is_with_one_consumer(queue: Queue) {
    publish(&queue, &["a", "b", "c", "d"]).await;
    let mut narrow = queue.consume(2);
    let held = [next(&mut narrow).await, next(&mut narrow).await];
    let mut wide = queue.consume(10);
    assert_eq!([take(&mut wide).await, take(&mut wide).await], ["c", "d"]);
    wide.close().await;
    publish(&queue, &["e"]).await;
    let [first, second] = held;
    first.ack();
    assert_eq!(take(&mut narrow).await, "e");
    second.ack();
    narrow.close().await;
}

async fn a_dropped_consumer_gives_back_what_it_has_fetched(queue: Queue) {
    publish(&queue, &["a", "b", "c"]).await;
    let mut consumer = queue.consume(10);
    let held = next(&mut consumer).await;
    drop(consumer);
    let mut other = queue.consume(10);
    assert_eq!(
        BTreeSet::from([take(&mut other).await, take(&mut other).await]),
        ["b", "c"].map(str::to_owned).into()
    );
    drop(held);
    assert_eq!(take(&mut other).await, "a");
    other.close().await;
}

async fn after_a_cancel_what_was_handed_out_can_still_be_acknowledged(queue: Queue) {
    publish(&queue, &["a", "b"]).await;
    let mut consumer = queue.consume(10);
    let held = next(&mut consumer).await;
    consumer.cancel();
    assert!(soon(consumer.next()).await.is_none());
    let mut other = queue.consume(10);
    assert_eq!(take(&mut other).await, "b");
    held.ack();
    soon(consumer.close()).await;
    other.close().await;
    publish(&queue, &["c"]).await;
    assert_eq!(take(&mut queue.consume(10)).await, "c", "the first one is gone for good");
}

async fn closing_waits_for_what_was_handed_out(queue: Queue) {
    publish(&queue, &["a"]).await;
    let mut consumer = queue.consume(1);
    let held = next(&mut consumer).await;
    let closing = tokio::spawn(consumer.close());
    // Another message makes the way there and back, and still it is not closed.
    publish(&queue, &["b"]).await;
    assert_eq!(take(&mut queue.consume(1)).await, "b");
    assert!(!closing.is_finished());
    held.ack();
    soon(closing).await.unwrap();
}

async fn dead_letters_stay_with_their_reason(queue: Queue) {
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
    for text in ["a", "b", "c"] {
        queue.dead_letter(&message(text), "nobody knows").await.unwrap();
    }
    for _ in 0..2 {
        let letters = queue.dead_letters(2).await.unwrap();
        assert_eq!(letters.iter().map(text).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(letters[0].headers[REASON], "nobody knows");
        assert_eq!(letters[0].id, "id-a");
    }
    publish(&queue, &["d"]).await;
    assert_eq!(take(&mut queue.consume(1)).await, "d", "dead letters are not taken by consumers");
}

async fn no_more_dead_letters_are_kept_than_wanted_and_none_vanishes_unseen(queue: Queue) {
    for text in ["a", "b", "c", "d", "e"] {
        queue.dead_letter(&message(text), "nobody knows").await.unwrap();
    }
    let discarded = queue.discard_dead_letters(2).await.unwrap();
    assert_eq!(discarded.iter().map(text).collect::<Vec<_>>(), ["a", "b", "c"], "the oldest");
    assert_eq!(queue.discard_dead_letters(2).await.unwrap(), []);
    let kept = queue.dead_letters(9).await.unwrap();
    assert_eq!(kept.iter().map(text).collect::<Vec<_>>(), ["d", "e"]);
}

async fn many_publish_at_once(queue: Queue) {
    let publishers: Vec<_> = (0..64)
        .map(|publisher| {
            let queue = queue.clone();
            tokio::spawn(async move {
                for n in 0..20 {
                    queue.publish(&message(&format!("{publisher}-{n}"))).await.unwrap();
                }
            })
        })
        .collect();
    let mut consumer = queue.consume(100);
    let mut seen = BTreeSet::new();
    for _ in 0..64 * 20 {
        seen.insert(take(&mut consumer).await);
    }
    assert_eq!(seen.len(), 64 * 20, "each came once");
    for publisher in publishers {
        publisher.await.unwrap();
    }
    consumer.close().await;
}

async fn what_does_not_fit_is_refused(queue: Queue) {
    let long = "x".repeat(Message::MAX_SHORT + 1);
    for message in [
        Message { id: long.clone(), ..Message::default() },
        Message { correlation_id: long.clone(), ..Message::default() },
        Message { headers: [(long, String::new())].into(), ..Message::default() },
    ] {
        assert_eq!(queue.publish(&message).await, Err(PublishError::TooLong));
    }
    publish(&queue, &["a"]).await;
    assert_eq!(take(&mut queue.consume(1)).await, "a");
}

async fn it_answers_a_health_check(queue: Queue) {
    assert!(queue.is_up());
    queue.check().await.unwrap();
}
