//! Answers of the two HTTP sources, real and odd ones, from a server that says what it is told to.

use crate::support::{DEADLINE, kind, probe, sample, target, unknown};
use queue_probe::{Credentials, Source, Target};
use scaling::{Observation, Sample, UnknownKind};
use serde_json::{Value, json};
use wiremock::matchers::{basic_auth, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What RabbitMQ 3.10.8 said of a quorum queue with one consumer.
fn of_3_10() -> Value {
    json!({
        "consumers": 1, "messages_ready": 3, "messages_unacknowledged": 2, "state": "running",
        "message_stats": {
            "ack": 4, "ack_details": {"rate": 0.4}, "deliver": 7, "deliver_details": {"rate": 0.0},
            "deliver_get": 7, "deliver_get_details": {"rate": 0.0}, "get": 0, "get_empty": 0, "get_no_ack": 0,
            "publish": 9, "publish_details": {"rate": 0.0}, "redeliver": 1, "redeliver_details": {"rate": 0.0}
        }
    })
}

async fn told(answer: Value) -> Observation {
    let server = MockServer::start().await;
    let reply = ResponseTemplate::new(200).set_body_json(answer);
    Mock::given(method("GET")).respond_with(reply).mount(&server).await;
    probe(&target(Source::Management, &server.uri())).observe(DEADLINE).await
}

#[tokio::test]
async fn a_whole_answer_of_the_management_api_is_read() {
    let expected = Sample {
        ready: 3,
        unacked: Some(2),
        consumers: 1,
        published: Some(9),
        acked: Some(4),
        delivered: Some(7),
        redelivered: Some(1),
    };
    assert_eq!(sample(told(of_3_10()).await), expected);
}

#[tokio::test]
async fn a_quorum_queue_of_4_x_is_no_deeper_for_what_is_delayed_or_dead() {
    let mut answer = of_3_10();
    let more = json!({
        "messages": 42, "messages_delayed": 30, "messages_dlx": 7, "messages_ready_high": 0,
        "messages_ready_normal": 3, "messages_ready_returned": 0, "delivery_limit": 20, "type": "quorum",
        "leader": "rabbit@one", "single_active_consumer_tag": null, "consumer_capacity": null
    });
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let found = sample(told(answer).await);
    assert_eq!((found.ready, found.unacked), (3, Some(2)));
}

#[tokio::test]
async fn a_field_that_is_absent_or_null_makes_the_queue_unknown_and_never_empty() {
    for field in ["messages_ready", "messages_unacknowledged", "consumers"] {
        let mut answer = of_3_10();
        answer[field] = Value::Null;
        answer["state"] = json!("down");
        let with_null = unknown(told(answer.clone()).await);
        answer.as_object_mut().unwrap().remove(field);
        let without = unknown(told(answer).await);
        assert_eq!(with_null, without);
        assert_eq!(without.kind, UnknownKind::Incomplete);
        assert!(without.message.contains(field) && without.message.contains("down"), "{}", without.message);
    }
    // RabbitMQ 3.10 on a queue that it has just made.
    let new = unknown(told(json!([])).await);
    assert_eq!(
        (new.kind, new.message.as_str()),
        (UnknownKind::Incomplete, "the broker has no figures of the queue yet")
    );
    // Somebody else altogether.
    for strange in [json!([1]), json!("ok"), json!({"messages_ready": -1}), json!({"messages_ready": "3"})] {
        assert_eq!(unknown(told(strange).await).kind, UnknownKind::Incomplete);
    }
}

#[tokio::test]
async fn counters_that_are_absent_are_zero_only_on_a_queue_without_messages() {
    let mut answer = of_3_10();
    answer.as_object_mut().unwrap().remove("message_stats");
    let with_messages = sample(told(answer.clone()).await);
    assert_eq!((with_messages.published, with_messages.acked), (None, None));

    answer["messages_ready"] = json!(0);
    answer["messages_unacknowledged"] = json!(0);
    let fresh = sample(told(answer.clone()).await);
    assert_eq!(
        (fresh.published, fresh.acked, fresh.delivered, fresh.redelivered),
        (Some(0), Some(0), Some(0), Some(0))
    );

    // Before the first consumer has come.
    answer["messages_ready"] = json!(3);
    answer["message_stats"] = json!({"publish": 3, "publish_details": {"rate": 0.0}});
    let waiting = sample(told(answer).await);
    assert_eq!((waiting.published, waiting.acked), (Some(3), Some(0)));
}

#[tokio::test]
async fn names_and_passwords_may_hold_anything() {
    let server = MockServer::start().await;
    let (user, password) = ("üser:/@", "p@ss:w%2Förd/?#\"\\ ");
    Mock::given(path("/under/api/queues/a%2Fb/x%20%22y%22%2F%25%3F%23z"))
        .and(basic_auth("user", password))
        .respond_with(ResponseTemplate::new(200).set_body_json(of_3_10()))
        .mount(&server)
        .await;
    let odd = Target {
        vhost: "a/b".to_owned(),
        queue: "x \"y\"/%?#z".to_owned(),
        credentials: Some(Credentials::new("user", password)),
        ..target(Source::Management, &format!("{}/under/", server.uri()))
    };
    assert_eq!(sample(probe(&odd).observe(DEADLINE).await).ready, 3);
    let other = Target { credentials: Some(Credentials::new(user, password)), ..odd };
    let refused = unknown(probe(&other).observe(DEADLINE).await);
    for text in [format!("{refused:?}"), format!("{other:?}"), format!("{:?}", probe(&other))] {
        assert!(!text.contains(password) && !text.contains("w%2F"), "{text}");
    }
}

#[tokio::test]
async fn the_usual_virtual_host_is_escaped() {
    let server = MockServer::start().await;
    Mock::given(path("/api/queues/%2F/jobs"))
        .respond_with(ResponseTemplate::new(200).set_body_json(of_3_10()))
        .expect(1)
        .mount(&server)
        .await;
    probe(&target(Source::Management, &server.uri())).observe(DEADLINE).await;
}

#[tokio::test]
async fn every_refusal_has_its_kind() {
    for (status, expected) in [
        (401, UnknownKind::Unauthorized),
        (403, UnknownKind::Unauthorized),
        (404, UnknownKind::NotFound),
        (301, UnknownKind::Unreachable),
        (500, UnknownKind::Unreachable),
        (503, UnknownKind::Unreachable),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        for source in [Source::Management, Source::Prometheus] {
            let found = unknown(probe(&target(source, &server.uri())).observe(DEADLINE).await);
            assert_eq!(found.kind, expected, "{status}");
            assert!(found.message.contains(&status.to_string()), "{}", found.message);
        }
    }
}

#[tokio::test]
async fn the_management_api_is_asked_elsewhere_when_one_node_is_down() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(of_3_10()))
        .expect(2)
        .mount(&server)
        .await;
    let mut both = target(Source::Management, "http://127.0.0.1:1");
    both.endpoints.push(server.uri().parse().unwrap());
    let mut probe = probe(&both);
    for _ in 0..2 {
        assert_eq!(sample(probe.observe(DEADLINE).await).ready, 3);
    }
}

/// What RabbitMQ 3.10.8 says, with these counters of its channels.
fn page([published, delivered, acked]: [u64; 3]) -> String {
    let figures = [("PUBLISHED", published), ("DELIVERED", delivered), ("ACKED", acked)];
    figures.iter().fold(include_str!("answers/3.10-detailed.txt").to_owned(), |text, (name, figure)| {
        text.replace(name, &figure.to_string())
    })
}

async fn node(pages: &[String]) -> MockServer {
    let server = MockServer::start().await;
    for page in pages {
        Mock::given(path("/metrics/detailed"))
            .and(query_param("vhost", "/"))
            .and(query_param("family", "queue_coarse_metrics"))
            .respond_with(ResponseTemplate::new(200).set_body_string(page))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn the_figures_of_several_nodes_are_added_up() {
    let one = node(&[page([100, 50, 40]), page([110, 55, 44])]).await;
    let other = node(&[page([5, 5, 5]), page([6, 7, 8])]).await;
    let mut both = target(Source::Prometheus, &one.uri());
    both.endpoints.push(other.uri().parse().unwrap());
    let mut probe = probe(&both);
    let first = sample(probe.observe(DEADLINE).await);
    assert_eq!((first.ready, first.unacked, first.consumers), (6, Some(4), 2));
    let second = sample(probe.observe(DEADLINE).await);
    let grown = |now: Option<u64>, before: Option<u64>| now.unwrap() - before.unwrap();
    assert_eq!(grown(second.published, first.published), 11);
    assert_eq!(grown(second.delivered, first.delivered), 7);
    assert_eq!(grown(second.acked, first.acked), 7);
    assert_eq!(grown(second.redelivered, first.redelivered), 0);
}

#[tokio::test]
async fn without_one_of_the_nodes_nothing_is_known() {
    let one = node(&[page([0, 0, 0])]).await;
    let mut both = target(Source::Prometheus, &one.uri());
    both.endpoints.push("http://127.0.0.1:1".parse().unwrap());
    assert_eq!(kind(&mut probe(&both)).await, UnknownKind::Unreachable);
}

#[tokio::test]
async fn a_queue_that_no_node_tells_of_is_not_found_and_half_of_one_is_incomplete() {
    let whole = page([0, 0, 0]);
    let without = |metric: &str| {
        whole
            .lines()
            .filter(|line| !line.contains(metric))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    for (text, expected) in [
        (without("\"jobs\""), UnknownKind::NotFound),
        ("<html>hello</html>".to_owned(), UnknownKind::NotFound),
        (without("queue_messages_ready"), UnknownKind::Incomplete),
        (without("queue_messages_unacked"), UnknownKind::Incomplete),
        (without("queue_consumers"), UnknownKind::Incomplete),
        (whole.replace("queue=\"jobs\"} 3", "queue=\"jobs\"} NaN"), UnknownKind::Incomplete),
    ] {
        let server = node(&[text]).await;
        assert_eq!(kind(&mut probe(&target(Source::Prometheus, &server.uri()))).await, expected);
    }
}
