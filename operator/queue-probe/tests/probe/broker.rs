//! All three sources on a real RabbitMQ.

use std::time::{Duration, Instant};

use crate::support::{DEADLINE, channel, declare, kind, probe, sample, target, unknown, until};
use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel};
use queue_probe::{Credentials, Source, Target};
use reqwest::Client;
use scaling::{Observation, UnknownKind};
use serde_json::{Value, json};
use testkit::TcpProxy;
use testkit::servers::{RabbitMq, RabbitMqOptions};
use tokio::time::sleep;
use url::Url;

async fn start() -> RabbitMq {
    RabbitMq::start_with(RabbitMqOptions { plugins: true, ..RabbitMqOptions::default() }).await.unwrap()
}

async fn publish(channel: &Channel, count: usize) {
    let persistent = BasicProperties::default().with_delivery_mode(2);
    for _ in 0..count {
        let options = BasicPublishOptions::default();
        channel.basic_publish("".into(), "jobs".into(), options, b"job", persistent.clone()).await.unwrap();
    }
}

fn targets(broker: &RabbitMq) -> [Target; 3] {
    [
        target(Source::Amqp, &format!("amqp://{}", broker.address())),
        target(Source::Management, &broker.management_url()),
        target(Source::Prometheus, &broker.prometheus_url()),
    ]
}

/// Puts something where the management API has it.
async fn put(broker: &RabbitMq, path: &[&str], body: &Value) {
    let mut url: Url = broker.management_url().parse().unwrap();
    url.path_segments_mut().unwrap().push("api").extend(path);
    let client = Client::builder().timeout(DEADLINE).build().unwrap();
    let request = client.put(url).basic_auth("guest", Some("guest")).json(body);
    request.send().await.unwrap().error_for_status().unwrap();
}

#[tokio::test]
async fn each_source_tells_what_the_queue_holds_and_what_has_happened_to_it() {
    let broker = start().await;
    let (_connection, channel) = channel(&broker).await;
    declare(&channel).await;
    let [mut amqp, mut management, mut prometheus] = targets(&broker).map(|target| probe(&target));

    let empty = sample(until(&mut management, |seen| matches!(seen, Observation::Sample(_))).await);
    assert_eq!((empty.ready, empty.unacked, empty.consumers), (0, Some(0), 0));
    assert_eq!((empty.published, empty.acked), (Some(0), Some(0)));
    let before = sample(until(&mut prometheus, |seen| matches!(seen, Observation::Sample(_))).await);
    assert_eq!((before.ready, before.unacked, before.consumers), (0, Some(0), 0));

    // Five come, two are taken, and one of these is done.
    publish(&channel, 5).await;
    channel.basic_qos(1, BasicQosOptions::default()).await.unwrap();
    let mut consumer = channel
        .basic_consume("jobs".into(), "worker".into(), BasicConsumeOptions::default(), FieldTable::default())
        .await
        .unwrap();
    consumer.next().await.unwrap().unwrap().ack(BasicAckOptions::default()).await.unwrap();
    consumer.next().await.unwrap().unwrap();

    let known = until(&mut amqp, |seen| matches!(seen, Observation::Sample(seen) if seen.ready == 3)).await;
    let known = sample(known);
    assert_eq!((known.consumers, known.unacked, known.published), (1, None, None));

    let told = |seen: &Observation| match seen {
        Observation::Sample(seen) => {
            (seen.ready, seen.unacked, seen.consumers) == (3, Some(1), 1)
                && seen.acked == Some(1)
                && seen.published == Some(5)
                && seen.delivered == Some(2)
        }
        Observation::Unknown(_) => false,
    };
    until(&mut management, told).await;
    until(&mut prometheus, told).await;
    amqp.close().await;
}

#[tokio::test]
async fn every_refusal_of_the_real_broker_has_its_kind() {
    let broker = start().await;
    let (_connection, channel) = channel(&broker).await;
    declare(&channel).await;
    for good in targets(&broker) {
        let nowhere = Target { queue: "none".to_owned(), ..good.clone() };
        assert_eq!(kind(&mut probe(&nowhere)).await, UnknownKind::NotFound, "{nowhere:?}");
        let elsewhere = Target { vhost: "none".to_owned(), ..good.clone() };
        assert_eq!(kind(&mut probe(&elsewhere)).await, UnknownKind::NotFound, "{elsewhere:?}");
        // Prometheus asks nobody for a password.
        if good.source != Source::Prometheus {
            let stranger = Target { credentials: Some(Credentials::new("guest", "wr0ng")), ..good };
            let refused = unknown(probe(&stranger).observe(DEADLINE).await);
            assert_eq!(refused.kind, UnknownKind::Unauthorized, "{refused:?}");
            assert!(!refused.message.contains("wr0ng"), "{}", refused.message);
        }
    }
}

#[tokio::test]
async fn names_and_passwords_may_hold_anything() {
    let broker = start().await;
    let (vhost, queue, user, password) = ("a/b %2F", "x 'y'/%?#ü", "mé@", "p@ss:w%2Förd/?#\"\\ ");
    put(&broker, &["vhosts", vhost], &json!({})).await;
    put(&broker, &["users", user], &json!({"password": password, "tags": "management"})).await;
    let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
    put(&broker, &["permissions", vhost, user], &all).await;
    put(&broker, &["permissions", vhost, "guest"], &all).await;
    put(&broker, &["queues", vhost, queue], &json!({"durable": true})).await;
    for usual in targets(&broker) {
        let odd = Target {
            vhost: vhost.to_owned(),
            queue: queue.to_owned(),
            credentials: Some(Credentials::new(user, password)),
            ..usual
        };
        let seen = until(&mut probe(&odd), |seen| matches!(seen, Observation::Sample(_))).await;
        assert_eq!((sample(seen.clone()).ready, sample(seen).consumers), (0, 0), "{odd:?}");
    }
}

#[tokio::test]
async fn one_connection_serves_all_observations_and_is_seldom_opened_again() {
    let mut broker = RabbitMq::start().await.unwrap();
    let (connection, channel) = channel(&broker).await;
    declare(&channel).await;
    let proxy = TcpProxy::start(broker.address()).await.unwrap();
    let here = target(Source::Amqp, &format!("amqp://{}", proxy.address()));
    let mut probe = probe(&here);
    for _ in 0..50 {
        assert_eq!(sample(probe.observe(DEADLINE).await).ready, 0);
    }
    assert_eq!(proxy.accepted(), 1);

    // A queue that goes costs a channel; the connection stays.
    channel.queue_delete("jobs".into(), lapin::options::QueueDeleteOptions::default()).await.unwrap();
    for _ in 0..5 {
        assert_eq!(kind(&mut probe).await, UnknownKind::NotFound);
    }
    declare(&channel).await;
    assert_eq!(sample(probe.observe(DEADLINE).await).ready, 0);
    assert_eq!(proxy.accepted(), 1);
    drop(connection);

    let begin = Instant::now();
    let (restarted, looks) = tokio::join!(broker.restart(), async {
        let (mut looks, mut failed) = (0_u32, false);
        loop {
            looks += 1;
            let answers = matches!(probe.observe(DEADLINE).await, Observation::Sample(_));
            if failed && answers {
                return looks;
            }
            failed |= !answers;
            sleep(Duration::from_millis(20)).await;
        }
    });
    restarted.unwrap();
    // Pauses are at least a second long.
    let most = 2 + begin.elapsed().as_secs() as usize;
    assert!(proxy.accepted() <= 1 + most, "{} connections for {looks} looks", proxy.accepted());

    let after = proxy.accepted();
    for _ in 0..20 {
        assert_eq!(sample(probe.observe(DEADLINE).await).ready, 0);
    }
    assert_eq!(proxy.accepted(), after);
}
