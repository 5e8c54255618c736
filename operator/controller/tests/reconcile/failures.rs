//! What is unknown, missing or refused.

use serde_json::json;
use w2meet_operator::StepError;
use wiremock::ResponseTemplate;

use crate::world::{DEPLOYMENT, World};

#[tokio::test]
async fn an_unknown_queue_holds_the_workers_and_says_why() {
    for (answer, reason) in [
        (ResponseTemplate::new(401), "False BrokerUnauthorized"),
        (ResponseTemplate::new(404), "False QueueNotFound"),
        (ResponseTemplate::new(500), "False BrokerUnreachable"),
        (ResponseTemplate::new(200).set_body_json(json!({ "consumers": 3 })), "False AnswerIncomplete"),
    ] {
        let mut world = World::answered(3).await;
        world.broker_says(answer).await;
        world.rounds(3).await;
        assert_eq!(world.touched(), [""; 0], "{reason}");
        assert_eq!(world.condition("BrokerReachable"), reason);
        assert_eq!(world.condition("Ready"), reason);
        assert_eq!(world.status().reason.as_deref(), Some("Hold"));
        let told = world.api.events();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (told[0][0].as_str(), told[0][1].as_str()),
            ("Warning", reason.trim_start_matches("False "))
        );
    }
}

#[tokio::test]
async fn an_answer_after_silence_is_told_once() {
    let mut world = World::answered(1).await;
    world.broker_says(ResponseTemplate::new(503)).await;
    world.round().await.unwrap();
    world.queue(0, 0).await;
    world.round().await.unwrap();
    world.round().await.unwrap();
    let reasons: Vec<String> = world.api.events().into_iter().map(|[_, reason, ..]| reason).collect();
    assert_eq!(reasons, ["BrokerUnreachable", "BrokerAnswers"]);
}

#[tokio::test]
async fn a_broker_that_starts_together_with_the_operator_is_no_warning() {
    let mut world = World::new(1).await;
    world.set("fallback", json!({ "afterFailures": 2, "replicas": 3 }));
    for answer in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(404),
        ResponseTemplate::new(200).set_body_json(json!([])),
        ResponseTemplate::new(503),
    ] {
        world.broker_says(answer).await;
        world.round().await.unwrap();
        assert_eq!(world.condition("BrokerReachable"), "False BrokerStarting");
        assert_eq!(world.condition("Ready"), "False BrokerStarting");
    }
    assert_eq!((world.replicas(), world.api.events().len()), (1, 0), "{:?}", world.api.events());
    world.queue(0, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.condition("Ready"), "True Ready");
}

#[tokio::test]
async fn a_broker_that_does_not_come_up_is_a_warning_after_a_while() {
    let mut world = World::new(1).await;
    world.broker_says(ResponseTemplate::new(503)).await;
    world.round().await.unwrap();
    world.now += scaling::BROKER_START;
    world.round().await.unwrap();
    assert_eq!(world.condition("BrokerReachable"), "False BrokerUnreachable");
    assert_eq!(world.api.events()[0][..2], ["Warning", "BrokerUnreachable"]);
}

#[tokio::test]
async fn the_fallback_only_raises() {
    for (workers, expected) in [(1, 3), (5, 5)] {
        let mut world = World::answered(workers).await;
        world.set("fallback", json!({ "afterFailures": 2, "replicas": 3 }));
        world.broker_says(ResponseTemplate::new(503)).await;
        world.rounds(3).await;
        assert_eq!(world.replicas(), expected);
        let fell_back = world.api.events().into_iter().any(|event| event[1] == "FellBack");
        assert_eq!(fell_back, workers == 1);
    }
}

#[tokio::test]
async fn a_missing_secret_is_named_and_a_new_one_is_read_without_a_restart() {
    let mut world = World::new(1).await;
    let mut queue = serde_json::to_value(world.object().spec.queue).unwrap();
    queue["credentialsSecretRef"] = json!({ "name": "rabbitmq" });
    world.set("queue", queue);
    world.round().await.unwrap();
    assert_eq!(world.condition("BrokerReachable"), "False BrokerUnauthorized");
    let told = &world.api.events()[0][3];
    assert_eq!(told, "Secret rabbitmq does not exist in this namespace");

    let secret = "/api/v1/namespaces/jobs/secrets/rabbitmq";
    // The base64 of "w2meet" and "p@ss/w:rd".
    world.api.put(secret, json!({ "metadata": { "name": "rabbitmq" }, "data": { "username": "dzJtZWV0" } }));
    world.round().await.unwrap();
    let told =
        world.status().conditions.into_iter().find(|condition| condition.type_ == "BrokerReachable").unwrap();
    assert_eq!(told.message, "Secret rabbitmq has no key password");

    let data = json!({ "username": "dzJtZWV0", "password": "cEBzcy93OnJk" });
    world.api.put(secret, json!({ "metadata": { "name": "rabbitmq" }, "data": data }));
    world.round().await.unwrap();
    assert_eq!(world.condition("BrokerReachable"), "True BrokerAnswers");
    let asked = world.broker.received_requests().await.unwrap();
    let authorization = asked.last().unwrap().headers["authorization"].to_str().unwrap().to_owned();
    assert_eq!(authorization, "Basic dzJtZWV0OnBAc3MvdzpyZA==");
}

#[tokio::test]
async fn a_missing_target_is_reported_once() {
    let mut world = World::new(1).await;
    world.api.delete(DEPLOYMENT);
    for _ in 0..2 {
        assert!(matches!(world.round().await, Err(StepError::TargetNotFound(_))));
    }
    assert_eq!(world.condition("Ready"), "False TargetNotFound");
    assert_eq!(world.condition("ScalingActive"), "False TargetNotFound");
    let told = world.api.events();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0][3], "Deployment worker does not exist in this namespace");
}

#[tokio::test]
async fn a_refusal_of_the_api_server_is_reported_and_what_was_known_stays() {
    let mut world = World::new(1).await;
    world.round().await.unwrap();
    world.queue(500, 0).await;
    world.api.refuse("/scale", 403);
    let error = world.round().await.unwrap_err();
    assert_eq!(error.category(), "forbidden");
    assert_eq!(world.condition("Ready"), "False ApiError");
    assert!(world.status().sample.is_some());
    assert_eq!(world.replicas(), 1);
    world.api.stop_refusing();
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 10);
    assert_eq!(world.condition("Ready"), "True Ready");
}

#[tokio::test]
async fn nothing_is_written_once_the_lease_is_lost() {
    let mut world = World::new(0).await;
    world.queue(500, 0).await;
    world.lost.cancel();
    assert!(matches!(world.round().await, Err(StepError::LeaseLost)));
    assert_eq!(world.api.writes(), [""; 0]);
}

#[tokio::test]
async fn poison_is_told_and_brings_no_more_workers() {
    let mut world = World::new(2).await;
    // Deliveries go on and on, nearly all of them repeated, and nothing is acknowledged.
    for round in 1..=30 {
        let (ready, deliveries) = if round < 25 { (0, round * 50) } else { (500, round * 50) };
        let answer = json!({
            "messages_ready": ready, "messages_unacknowledged": 2, "consumers": 2,
            "message_stats": { "publish": ready + 2, "ack": 0, "deliver_get": deliveries, "redeliver": deliveries - 10 },
        });
        world.broker_says(ResponseTemplate::new(200).set_body_json(answer)).await;
        world.round().await.unwrap();
    }
    assert_eq!(world.condition("PoisonSuspected"), "True PoisonSuspected");
    assert!(world.api.events().iter().any(|event| event[0] == "Warning" && event[1] == "PoisonSuspected"));
    assert_eq!(world.replicas(), 2);
}
