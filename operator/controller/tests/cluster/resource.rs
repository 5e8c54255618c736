//! What the API server takes, and what it refuses.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use w2meet_operator::{policy, resource::QueueScaler};

use crate::cluster::Cluster;

#[tokio::test]
async fn what_is_left_out_is_filled_in_by_the_api_server() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let stored: QueueScaler = cluster.create(cluster.scaler()).await?;
    let spec = serde_json::to_value(&stored.spec)?;
    assert_eq!(spec["scaleDown"]["windowSeconds"], 60);
    assert_eq!(spec["worker"]["metricsPort"], 9090);
    assert_eq!(spec["queue"]["vhost"], "/");
    policy(&stored.spec).validate()?;
    cluster.end().await
}

#[tokio::test]
async fn contradictions_are_refused_with_their_fields() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    for (path, value, message) in [
        ("/spec/minReplicas", json!(11), "minReplicas must not be above maxReplicas"),
        ("/spec/pollSeconds", json!(20), "slo.maxWaitSeconds must be at least twice pollSeconds"),
        ("/spec/worker", json!({ "concurrency": 2 }), "worker.prefetch must be at least worker.concurrency"),
        (
            "/spec/fallback",
            json!({ "afterFailures": 1, "replicas": 99 }),
            "fallback.replicas must not be above maxReplicas",
        ),
        ("/spec/queue/source", json!("Amqp"), "queue.endpoint of the source Amqp is"),
        (
            "/spec/queue/endpoint",
            json!("http://a:b@rabbitmq:15672"),
            "queue.endpoint of the sources Management",
        ),
        ("/spec/maxReplicas", json!("many"), "spec.maxReplicas"),
        ("/spec/targetRef/kind", json!("StatefulSet"), "spec.targetRef.kind"),
    ] {
        let mut object = cluster.scaler();
        let (parent, field) = path.rsplit_once('/').unwrap_or_default();
        object.pointer_mut(parent).unwrap()[field] = value;
        let refused = refusal(&cluster, object).await;
        assert!(refused.contains(message), "{path}: {refused}");
    }
    cluster.end().await
}

/// The API server's words; sent as it is, since the types cannot hold all of it.
async fn refusal(cluster: &Cluster, object: Value) -> String {
    let path = format!("/apis/scaling.w2meet.dev/v1alpha1/namespaces/{}/queuescalers", cluster.namespace);
    let request = http::Request::post(path).header("content-type", "application/json");
    let request = request.body(object.to_string().into_bytes()).unwrap();
    cluster.client.request::<Value>(request).await.unwrap_err().to_string()
}

#[tokio::test]
async fn the_target_cannot_be_changed() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    cluster.create::<QueueScaler>(cluster.scaler()).await?;
    let api = cluster.api::<QueueScaler>();
    let change = json!({ "spec": { "targetRef": { "name": "another" } } });
    let refused = api.patch("jobs", &PatchParams::default(), &Patch::Merge(&change)).await.unwrap_err();
    assert!(refused.to_string().contains("targetRef cannot be changed"), "{refused}");
    cluster.end().await
}
