//! The custom resource: its rules, its defaults and its columns.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use kube::core::cel::{validate_cel, validate_cel_update};
use scaling::Policy;
use serde_json::{Value, json};
use w2meet_operator::{
    policy,
    resource::{QueueScaler, crd},
};

/// An object as somebody would write it, with some fields set to something else: `("/spec/minReplicas", 5)`.
fn object(changes: &[(&str, Value)]) -> QueueScaler {
    let mut object = json!({
        "apiVersion": "scaling.w2meet.dev/v1alpha1",
        "kind": "QueueScaler",
        "metadata": { "name": "jobs" },
        "spec": {
            "targetRef": { "name": "worker" },
            "queue": { "name": "meeting_jobs", "endpoint": "amqp://rabbitmq:5672" },
            "slo": {},
            "worker": {},
        },
    });
    for (path, value) in changes {
        let (parent, field) = path.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    serde_json::from_value(object).unwrap()
}

fn refusal(changes: &[(&str, Value)]) -> String {
    validate_cel(&object(changes)).unwrap_err().to_string()
}

#[test]
fn what_is_left_out_is_the_decisions_default() {
    assert_eq!(policy(&object(&[]).spec), Policy::default());
}

#[test]
fn the_schema_has_the_same_defaults_as_the_types() {
    let definition = serde_json::to_value(crd().unwrap()).unwrap();
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let spec = serde_json::to_value(object(&[]).spec).unwrap();
    let mut compared = 0;
    for (name, field) in schema["properties"].as_object().unwrap() {
        if !field["default"].is_null() {
            assert_eq!(field["default"], spec[name], "{name}");
            compared += 1;
        }
        for (inner, field) in field["properties"].as_object().into_iter().flatten() {
            if !field["default"].is_null() {
                assert_eq!(field["default"], spec[name][inner], "{name}.{inner}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 18, "only {compared} defaults were found");
}

#[test]
fn an_ordinary_object_is_accepted() {
    validate_cel(&object(&[])).unwrap();
    let management = ("/spec/queue/source", json!("Management"));
    validate_cel(&object(&[management, ("/spec/queue/endpoint", json!("https://rabbitmq:15671/mgmt"))]))
        .unwrap();
    let nodes = json!("http://node-0:15692, http://node-1:15692,http://node-2:15692");
    let prometheus = ("/spec/queue/source", json!("Prometheus"));
    validate_cel(&object(&[prometheus, ("/spec/queue/endpoint", nodes)])).unwrap();
}

#[test]
fn contradictions_are_refused_with_the_fields_that_cause_them() {
    for (changes, message) in [
        (
            vec![("/spec/minReplicas", json!(5)), ("/spec/maxReplicas", json!(4))],
            "minReplicas must not be above maxReplicas",
        ),
        (
            vec![("/spec/slo/maxWaitSeconds", json!(9))],
            "slo.maxWaitSeconds must be at least twice pollSeconds",
        ),
        (
            vec![("/spec/worker/concurrency", json!(8)), ("/spec/worker/prefetch", json!(4))],
            "worker.prefetch must be at least worker.concurrency",
        ),
        (
            vec![("/spec/fallback", json!({ "afterFailures": 3, "replicas": 11 }))],
            "fallback.replicas must not be above maxReplicas",
        ),
    ] {
        let refused = refusal(&changes);
        assert!(refused.contains(message), "{changes:?}: {refused}");
    }
}

#[test]
fn an_endpoint_fits_its_source_and_holds_no_password() {
    for (source, endpoint) in [
        ("Amqp", "http://rabbitmq:15672"),
        ("Amqp", "amqp://guest:guest@rabbitmq:5672"),
        ("Amqp", "amqp://rabbitmq:5672,http://rabbitmq:15672"),
        ("Amqp", "amqp://rabbitmq:5672/vhost"),
        ("Management", "amqp://rabbitmq:5672"),
        ("Management", "http://guest:guest@rabbitmq:15672"),
        ("Management", "rabbitmq:15672"),
        ("Prometheus", "http://node-0:15692,node-1:15692"),
    ] {
        let changes = [("/spec/queue/source", json!(source)), ("/spec/queue/endpoint", json!(endpoint))];
        let refused = refusal(&changes);
        assert!(refused.contains("queue.endpoint of the source"), "{source} {endpoint}: {refused}");
    }
}

#[test]
fn the_target_cannot_be_changed() {
    let changed = object(&[("/spec/targetRef/name", json!("another"))]);
    let refused = validate_cel_update(&changed, &object(&[])).unwrap_err().to_string();
    assert!(refused.contains("targetRef cannot be changed"), "{refused}");
    validate_cel_update(&object(&[("/spec/maxReplicas", json!(20))]), &object(&[])).unwrap();
}

#[test]
fn the_columns_read_like_a_dashboard() {
    let definition = crd().unwrap();
    let columns = definition.spec.versions[0].additional_printer_columns.as_ref().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Queue", "Ready", "Unacked", "Current", "Desired", "Wait", "Reason", "Age"]);
    assert_eq!(definition.spec.names.short_names, Some(vec!["qs".to_owned()]));
}

#[test]
fn the_example_is_accepted() {
    let documents = include_str!("../../deploy/queuescaler.yaml").split("\n---\n");
    let example: QueueScaler = serde_saphyr::from_str(documents.into_iter().next().unwrap()).unwrap();
    validate_cel(&example).unwrap();
    policy(&example.spec).validate().unwrap();
}
