//! Somebody else scales the same workers.

use serde_json::{Value, json};

use crate::world::{AUTOSCALER, World, scaler};

fn autoscaler(target: &str) -> Value {
    json!({
        "metadata": { "name": "cpu", "namespace": "jobs" },
        "spec": { "maxReplicas": 5, "scaleTargetRef": { "kind": "Deployment", "name": target } },
    })
}

#[tokio::test]
async fn an_autoscaler_of_the_same_target_is_named_and_nothing_is_written() {
    let mut world = World::new(1).await;
    world.api.put(AUTOSCALER, autoscaler("worker"));
    world.queue(500, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.touched(), [""; 0]);
    assert_eq!(world.condition("Conflict"), "True Conflict");
    assert_eq!(world.condition("ScalingActive"), "False Conflict");
    assert_eq!(world.condition("Ready"), "False Conflict");
    let events = world.api.events();
    let [kind, _, _, note] = events.iter().find(|event| event[1] == "Conflict").unwrap();
    assert_eq!(kind, "Warning");
    assert_eq!(note, "HorizontalPodAutoscaler cpu scales Deployment worker too; nothing is written");

    world.api.delete(AUTOSCALER);
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 10);
    assert_eq!(world.condition("Conflict"), "False NoConflict");
}

#[tokio::test]
async fn an_autoscaler_of_another_target_is_no_conflict() {
    let mut world = World::new(1).await;
    world.api.put(AUTOSCALER, autoscaler("web"));
    world.queue(500, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 10);
}

#[tokio::test]
async fn of_two_scalers_of_one_target_the_older_goes_on() {
    for (created, workers) in [("2025-01-01T00:00:00Z", 1), ("2026-02-01T00:00:00Z", 10)] {
        let mut world = World::new(1).await;
        let mut other = scaler("other", "http://elsewhere:15672");
        other["metadata"]["creationTimestamp"] = json!(created);
        world.context.claims.set(&serde_json::from_value(other).unwrap());
        world.context.claims.set(&world.object());
        world.queue(500, 0).await;
        world.round().await.unwrap();
        assert_eq!(world.replicas(), workers, "the other is of {created}");
    }
}

#[tokio::test]
async fn of_two_scalers_of_one_second_the_first_by_name_goes_on() {
    for (name, rival) in [("alpha", Some("alpha".to_owned())), ("omega", None)] {
        let world = World::new(1).await;
        world.context.claims.set(&serde_json::from_value(scaler(name, "http://elsewhere:15672")).unwrap());
        world.context.claims.set(&world.object());
        assert_eq!(world.context.claims.rival(&world.object()), rival);
    }
}
