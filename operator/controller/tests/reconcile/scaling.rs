//! Up, down, hold, and what is told of it.

use serde_json::json;

use crate::world::{DEPLOYMENT, SCALER, World};

#[tokio::test]
async fn a_backlog_is_met_by_one_jump_that_status_event_and_metrics_explain() {
    let mut world = World::new(0).await;
    world.queue(500, 0).await;
    world.round().await.unwrap();

    assert_eq!(world.replicas(), 10);
    assert_eq!(world.touched(), [format!("PUT {DEPLOYMENT}/scale")]);
    let status = world.status();
    assert_eq!((status.current_replicas, status.desired_replicas), (Some(10), Some(10)));
    assert_eq!(status.sample.as_ref().map(|sample| (sample.ready, sample.unacked)), Some((500, Some(0))));
    assert!(status.last_scale_time.is_some());
    assert_eq!(status.observed_generation, Some(1));
    assert_eq!(world.condition("Ready"), "True Ready");
    assert_eq!(world.condition("BrokerReachable"), "True BrokerAnswers");
    assert!(world.condition("ScalingActive").starts_with("True "));
    let events = world.api.events();
    let scaled = events.iter().find(|event| event[1] == "ScaledUp").unwrap();
    assert_eq!((scaled[0].as_str(), scaled[2].as_str()), ("Normal", "0To10"));
    assert!(scaled[3].starts_with("Deployment worker from 0 to 10: "), "{scaled:?}");
}

#[tokio::test]
async fn the_first_message_brings_a_worker_in_one_round() {
    let mut world = World::new(0).await;
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 0);
    world.queue(1, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 1);
}

#[tokio::test]
async fn nothing_is_written_to_the_workers_when_nothing_changes() {
    let mut world = World::new(2).await;
    world.queue(0, 2).await;
    world.rounds(3).await;
    assert_eq!(world.touched(), [""; 0]);
    assert_eq!(world.replicas(), 2);
}

#[tokio::test]
async fn a_status_that_says_the_same_is_not_written_again() {
    let mut world = World::new(2).await;
    world.rounds(3).await;
    assert!(world.api.count("PATCH", "queuescalers/jobs/status") <= 2, "{:?}", world.api.writes());
}

#[tokio::test]
async fn a_deployment_that_changed_meanwhile_is_left_alone_until_it_is_read_again() {
    let mut world = World::new(0).await;
    world.queue(500, 0).await;
    let mut changed = world.api.get(DEPLOYMENT).unwrap();
    changed["metadata"]["labels"] = json!({ "touched": "yes" });
    world.api.meanwhile("/scale", DEPLOYMENT, changed);
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 0);
    assert_eq!(world.condition("ScalingActive"), "True Stale");
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 10);
}

#[tokio::test]
async fn paused_and_dry_run_report_and_write_nothing() {
    for (field, reason) in [("paused", "False Paused"), ("dryRun", "False DryRun")] {
        let mut world = World::new(1).await;
        world.set(field, json!(true));
        world.queue(500, 0).await;
        world.round().await.unwrap();
        assert_eq!(world.touched(), [""; 0], "{field}");
        assert_eq!(world.status().desired_replicas, Some(10), "{field}");
        assert_eq!(world.status().current_replicas, Some(1), "{field}");
        assert_eq!(world.condition("ScalingActive"), reason);
        assert!(world.api.events().iter().all(|event| event[1] != "ScaledUp"));
    }
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let mut world = World::new(4).await;
    world.queue(0, 4).await;
    world.round().await.unwrap();
    world.queue(0, 0).await;
    world.restart();
    world.rounds(3).await;
    assert_eq!(world.touched(), [""; 0]);
}

#[tokio::test]
async fn what_was_learnt_of_the_jobs_outlives_a_restart() {
    let mut world = World::new(1).await;
    let mut object = world.api.get(SCALER).unwrap();
    object["status"] = json!({
        "estimate": { "arrivalsPerMinute": 0.0, "serviceTimeMillis": 7000, "startupSeconds": 12 }
    });
    world.api.put(SCALER, object);
    world.restart();
    world.round().await.unwrap();
    let learnt = world.status().estimate.unwrap().service_time_millis;
    assert!(learnt > 5000, "the hint of 1000 ms has taken over: {learnt}");
    assert_eq!(world.status().estimate.unwrap().startup_seconds, Some(12.0));
}

#[tokio::test]
async fn a_condition_keeps_its_time_until_it_turns() {
    let mut world = World::new(1).await;
    world.round().await.unwrap();
    let long_ago = "2026-01-01T00:00:00Z";
    let mut object = world.api.get(SCALER).unwrap();
    for condition in object["status"]["conditions"].as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!(long_ago);
    }
    world.api.put(SCALER, object);
    world.restart();
    world.queue(5000, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.condition("Limited"), "True Limited");
    let conditions = world.status().conditions;
    let turned: Vec<&str> = conditions
        .iter()
        .filter(|condition| condition.last_transition_time.0.to_string() != long_ago)
        .map(|condition| condition.type_.as_str())
        .collect();
    assert_eq!(turned, ["Limited"]);
}
