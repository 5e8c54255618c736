//! Rounds with the API server: the scale subresource, status, Events, deletion costs, conflicts.

use k8s_openapi::api::{autoscaling::v2::HorizontalPodAutoscaler, core::v1::Pod};
use kube::{ResourceExt, api::DeleteParams};
use serde_json::{Value, json};
use w2meet_operator::resource::QueueScaler;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::{
    cluster::{Cluster, eventually},
    operator::Operator,
};

#[tokio::test]
async fn a_backlog_brings_workers_and_everybody_can_read_why() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    cluster.start(0).await?;
    let operator = Operator::start(&cluster, "one").await?;
    eventually("it has looked", async || cluster.condition("Ready", "True Ready").await).await?;
    assert_eq!(cluster.replicas().await?, 0);

    cluster.queue(500, 0).await;
    eventually("ten workers", async || Ok(cluster.replicas().await? == 10)).await?;
    eventually("an Event", async || {
        Ok(cluster.events().await?.iter().any(|(reason, _)| reason == "ScaledUp"))
    })
    .await?;
    let events = cluster.events().await?;
    let note = events.iter().find(|(reason, _)| reason == "ScaledUp").map(|(_, note)| note.as_str());
    assert!(note.is_some_and(|note| note.starts_with("Deployment worker from 0 to 10: ")), "{events:?}");

    eventually("the status says so", async || {
        let status = cluster.api::<QueueScaler>().get("jobs").await?.status.unwrap_or_default();
        let ready = status.sample.as_ref().map(|sample| sample.ready);
        Ok((status.current_replicas, status.desired_replicas, ready) == (Some(10), Some(10), Some(500)))
    })
    .await?;
    let row = table(&cluster).await?;
    assert_eq!(&row[..6], [json!("jobs"), json!("meeting_jobs"), json!(500), json!(0), json!(10), json!(10)]);
    assert!(operator.stop().await?.success());
    cluster.end().await
}

/// The row that kubectl get prints.
async fn table(cluster: &Cluster) -> anyhow::Result<Vec<Value>> {
    let path = format!("/apis/scaling.w2meet.dev/v1alpha1/namespaces/{}/queuescalers", cluster.namespace);
    let request = http::Request::get(path).header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
    let table: Value = cluster.client.request(request.body(Vec::new())?).await?;
    let columns = table["columnDefinitions"].as_array().unwrap().iter();
    let names: Vec<&str> = columns.map(|column| column["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["Name", "Queue", "Ready", "Unacked", "Current", "Desired", "Wait", "Reason", "Age"]);
    Ok(table["rows"][0]["cells"].as_array().unwrap().clone())
}

#[tokio::test]
async fn an_operator_that_is_killed_and_comes_back_changes_nothing() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    cluster.start(4).await?;
    cluster.queue(0, 4).await;
    let first = Operator::start(&cluster, "one").await?;
    eventually("it has looked", async || cluster.condition("Ready", "True Ready").await).await?;
    first.kill().await?;
    cluster.queue(0, 0).await;
    let before = cluster.api::<QueueScaler>().get("jobs").await?.status.unwrap_or_default().sample;
    let second = Operator::start(&cluster, "two").await?;
    eventually("the other has looked", async || {
        let sample = cluster.api::<QueueScaler>().get("jobs").await?.status.unwrap_or_default().sample;
        Ok(sample.is_some() && sample != before)
    })
    .await?;
    assert_eq!(cluster.replicas().await?, 4);
    assert!(second.stop().await?.success());
    cluster.end().await
}

#[tokio::test]
async fn an_autoscaler_of_the_same_target_is_a_conflict_until_it_goes() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    cluster.start(1).await?;
    cluster.queue(500, 0).await;
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "worker" });
    let autoscaler = json!({
        "metadata": { "name": "cpu" }, "spec": { "maxReplicas": 3, "scaleTargetRef": target },
    });
    cluster.create::<HorizontalPodAutoscaler>(autoscaler).await?;
    let operator = Operator::start(&cluster, "one").await?;
    eventually("it is seen", async || cluster.condition("Conflict", "True Conflict").await).await?;
    assert_eq!(cluster.replicas().await?, 1);
    cluster.api::<HorizontalPodAutoscaler>().delete("cpu", &DeleteParams::default()).await?;
    eventually("ten workers", async || Ok(cluster.replicas().await? == 10)).await?;
    assert!(operator.stop().await?.success());
    cluster.end().await
}

#[tokio::test]
async fn idle_workers_are_marked_before_some_go() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let worker = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_string("messaging_process_active 2\n");
    Mock::given(path("/metrics")).respond_with(page).mount(&worker).await;
    cluster.workers(6).await?;
    cluster.pod("worker-a", "127.0.0.1").await?;
    let mut scaler = cluster.scaler();
    scaler["spec"]["worker"] = json!({ "metricsPort": worker.address().port() });
    scaler["spec"]["scaleDown"] = json!({ "windowSeconds": 1, "intervalSeconds": 1 });
    scaler["spec"]["queue"]["credentialsSecretRef"] = Value::Null;
    cluster.create::<QueueScaler>(scaler).await?;
    let operator = Operator::start(&cluster, "one").await?;
    eventually("some have gone", async || Ok(cluster.replicas().await? < 6)).await?;
    let pod = cluster.api::<Pod>().get("worker-a").await?;
    assert_eq!(pod.annotations()["controller.kubernetes.io/pod-deletion-cost"], "2");
    assert!(operator.stop().await?.success());
    cluster.end().await
}
