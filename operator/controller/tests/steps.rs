//! The steps that know no client.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::time::Duration;

use k8s_openapi::{
    api::{apps::v1::Deployment, core::v1::Pod},
    jiff::Timestamp,
};
use kube::runtime::events::EventType;
use prometheus::Registry;
use scaling::{Observation, Reason, Sample, Unknown, UnknownKind, Workers};
use serde_json::json;
use w2meet_operator::{
    Metrics, StepError,
    report::{of_change, of_error, of_failure, of_round, of_scaling},
    resource::{QueueScaler, QueueScalerStatus},
    steps::{Applied, ObservedState, ReconcileRound, ScalerState, decide, is_rollout, startup},
    target,
};

fn object() -> QueueScaler {
    serde_json::from_value(json!({
        "apiVersion": "scaling.w2meet.dev/v1alpha1", "kind": "QueueScaler",
        "metadata": { "name": "jobs", "namespace": "jobs", "generation": 7 },
        "spec": { "targetRef": { "name": "worker" }, "queue": { "name": "q", "endpoint": "amqp://rabbitmq:5672" } },
    }))
    .unwrap()
}

fn observed(observation: Observation, replicas: u32) -> ObservedState {
    let workers = Workers { replicas, ready: replicas, ..Workers::default() };
    let selector = [("app".to_owned(), "worker".to_owned())].into_iter().collect();
    ObservedState { observation, workers, version: Some("1".to_owned()), selector }
}

fn waiting(ready: u64) -> Observation {
    Observation::Sample(Sample { ready, unacked: Some(0), consumers: 1, ..Sample::default() })
}

fn silent() -> Observation {
    Observation::Unknown(Unknown {
        kind: UnknownKind::Unreachable,
        message: "rabbitmq:5672: refused".to_owned(),
    })
}

fn decided(observation: Observation, replicas: u32) -> ReconcileRound {
    let mut state = ScalerState::default();
    // The broker has answered before.
    decide(Duration::ZERO, &object(), observed(waiting(0), replicas), &mut state).unwrap();
    decide(Duration::from_secs(5), &object(), observed(observation, replicas), &mut state).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_decision_needs_no_client() {
    let round = decided(waiting(500), 0);
    assert_eq!((round.decision.desired, round.decision.write), (10, true));
    assert_eq!(round.applied, Applied::Unchanged);
}

#[test]
fn a_spec_that_makes_no_sense_is_named() {
    let mut object = object();
    object.spec.min_replicas = 11;
    let error =
        decide(Duration::ZERO, &object, observed(waiting(0), 0), &mut ScalerState::default()).unwrap_err();
    assert!(matches!(&error, StepError::InvalidSpec(message) if message.contains("maxReplicas")), "{error}");
}

#[test]
fn a_status_after_an_error_keeps_what_was_known() {
    let mut round = decided(waiting(500), 0);
    round.applied = Applied::Scaled { from: 0, to: 10 };
    let sample = Sample { ready: 500, ..Sample::default() };
    let before = of_round(&object(), &QueueScalerStatus::default(), &round, Some((sample, at(100))), at(100));
    let after = of_error(&object(), &before, &StepError::TargetNotFound("worker".to_owned()), at(200));
    assert_eq!(after.sample, before.sample);
    assert_eq!(after.last_scale_time, before.last_scale_time);
    let times: Vec<(String, i64)> = after
        .conditions
        .iter()
        .map(|condition| (condition.type_.clone(), condition.last_transition_time.0.as_second()))
        .collect();
    let turned: Vec<&str> =
        times.iter().filter(|(_, second)| *second == 200).map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(turned, ["Ready", "ScalingActive"]);
    assert_eq!(times.len(), 6);
}

#[test]
fn silence_that_goes_on_is_told_once() {
    let object = object();
    let first = of_round(&object, &QueueScalerStatus::default(), &decided(silent(), 2), None, at(100));
    let told = of_change(&QueueScalerStatus::default(), &first);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].type_, told[0].reason.as_str()), (EventType::Warning, "BrokerUnreachable"));
    assert_eq!(told[0].note.as_deref(), Some("rabbitmq:5672: refused"));
    let second = of_round(&object, &first, &decided(silent(), 2), None, at(200));
    assert!(of_change(&first, &second).is_empty());
}

#[test]
fn what_is_well_from_the_start_is_not_told() {
    let status = of_round(&object(), &QueueScalerStatus::default(), &decided(waiting(0), 0), None, at(100));
    assert!(of_change(&QueueScalerStatus::default(), &status).is_empty());
}

#[test]
fn a_change_of_the_workers_stands_in_the_action() {
    let mut round = decided(waiting(500), 3);
    assert!(of_scaling("worker", &round).is_none());
    round.applied = Applied::Scaled { from: 3, to: 6 };
    let told = of_scaling("worker", &round).unwrap();
    assert_eq!((told.reason.as_str(), told.action.as_str()), ("ScaledUp", "3To6"));
    round.decision.message = "ü".repeat(1000);
    let note = of_scaling("worker", &round).unwrap().note.unwrap();
    assert!(note.len() <= 1000, "the API server takes no more than a kilobyte");
}

#[test]
fn the_same_failure_is_told_once() {
    let error = StepError::TargetNotFound("worker".to_owned());
    let before = QueueScalerStatus::default();
    assert!(of_failure(&before, &error).is_some());
    let after = of_error(&object(), &before, &error, at(100));
    assert!(of_failure(&after, &error).is_none());
    assert!(of_failure(&after, &StepError::InvalidSpec("x".to_owned())).is_some());
}

#[test]
fn a_rollout_is_told_from_a_start() {
    let deployment = |status: serde_json::Value| -> Deployment {
        serde_json::from_value(json!({ "metadata": { "generation": 3 }, "status": status })).unwrap()
    };
    let rollout = [
        ("not seen yet", json!({ "observedGeneration": 2, "replicas": 4, "updatedReplicas": 4 }), true),
        ("old beside new", json!({ "observedGeneration": 3, "replicas": 5, "updatedReplicas": 2 }), true),
        ("new ones start", json!({ "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2 }), false),
        ("at zero", json!({ "observedGeneration": 3 }), false),
    ];
    for (what, status, expected) in rollout {
        assert_eq!(is_rollout(&deployment(status)), expected, "{what}");
    }
    assert!(!is_rollout(&Deployment::default()), "a Deployment that no controller has seen");
}

#[test]
fn the_worker_that_became_ready_last_tells_how_long_a_start_takes() {
    let pod = |created: &str, status: &str, since: &str| -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "worker", "creationTimestamp": created },
            "status": { "conditions": [
                { "type": "PodScheduled", "status": "True", "lastTransitionTime": created },
                { "type": "Ready", "status": status, "lastTransitionTime": since },
            ] },
        }))
        .unwrap()
    };
    let pods = [
        pod("2026-03-02T09:00:10Z", "True", "2026-03-02T09:00:24Z"),
        pod("2026-03-02T09:00:00Z", "True", "2026-03-02T09:00:05Z"),
        pod("2026-03-02T09:01:00Z", "False", "2026-03-02T09:01:01Z"),
        Pod::default(),
    ];
    assert_eq!(startup(&pods), Some(Duration::from_secs(14)));
    assert_eq!(startup(&pods[2..]), None);
}

#[test]
fn a_start_that_was_seen_is_told_and_outlasts_the_operator() {
    let mut seen = observed(waiting(0), 2);
    seen.workers.startup = Some(Duration::from_secs(14));
    let mut state = ScalerState::default();
    let round = decide(Duration::ZERO, &object(), seen, &mut state).unwrap();
    let status = of_round(&object(), &QueueScalerStatus::default(), &round, None, at(9));
    assert_eq!(status.estimate.as_ref().and_then(|estimate| estimate.startup_seconds), Some(14.0));
    let mut next = ScalerState::of(&QueueScaler { status: Some(status), ..object() });
    let round = decide(Duration::ZERO, &object(), observed(waiting(0), 2), &mut next).unwrap();
    assert_eq!(round.decision.estimate.startup, Some(Duration::from_secs(14)));
}

#[test]
fn an_endpoint_may_have_several_addresses() {
    let mut spec = object().spec;
    spec.queue.endpoint = "http://node-0:15692, http://node-1:15692".to_owned();
    let target = target(&spec, None, None).unwrap();
    let hosts: Vec<_> = target.endpoints.iter().map(|endpoint| endpoint.host_str().unwrap()).collect();
    assert_eq!(hosts, ["node-0", "node-1"]);
    spec.queue.endpoint = "rabbit mq".to_owned();
    assert!(
        w2meet_operator::target(&spec, None, None).unwrap_err().starts_with("queue.endpoint: \"rabbit mq\"")
    );
}

#[test]
fn an_object_that_goes_takes_all_its_series_with_it_and_no_others() {
    let registry = Registry::new();
    let metrics = Metrics::register(&registry).unwrap();
    let (going, staying) = (metrics.of("jobs", "going"), metrics.of("jobs", "staying"));
    let sample = Some((Sample { unacked: Some(1), ..Sample::default() }, Duration::ZERO));
    let mut round = decided(waiting(500), 1);
    for reason in [Reason::Backlog, Reason::SteadyLoad, Reason::Hold, Reason::Limited] {
        round.decision.reason = reason;
        going.decided(&round, sample);
        staying.decided(&round, sample);
    }
    let page = || service_kit::encode([&registry]).map(|page| String::from_utf8(page).unwrap()).unwrap();
    let lines_of = |name: &str| page().matches(&format!("queuescaler=\"{name}\"")).count();
    let before = lines_of("staying");
    assert_eq!(lines_of("going"), before);
    drop(going);
    assert_eq!((lines_of("going"), lines_of("staying")), (0, before));
}
