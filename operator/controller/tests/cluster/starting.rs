//! A fresh installation: the operator is there before its broker is.

use std::net::TcpListener;

use k8s_openapi::api::events::v1::Event;
use kube::api::ListParams;
use serde_json::json;
use w2meet_operator::resource::QueueScaler;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use crate::{
    cluster::{Cluster, eventually},
    operator::Operator,
};

#[tokio::test]
async fn a_broker_that_is_still_starting_is_one_quiet_condition() -> anyhow::Result<()> {
    let mut cluster = Cluster::new().await?;
    // Nobody listens there yet.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut scaler = cluster.scaler();
    scaler["spec"]["queue"]["endpoint"] = json!(format!("http://{address}"));
    scaler["spec"]["fallback"] = json!({ "afterFailures": 1, "replicas": 3 });
    cluster.start_with(1, scaler).await?;
    let operator = Operator::start(&cluster, "one").await?;
    is_starting(&cluster, "Unreachable").await?;

    cluster.broker = MockServer::builder().listener(TcpListener::bind(address)?).start().await;
    // The queue is not declared, and then it is and has no statistics.
    for (answer, unknown) in [
        (ResponseTemplate::new(404), "NotFound"),
        (ResponseTemplate::new(503), "Unreachable"),
        (ResponseTemplate::new(200).set_body_json(json!([])), "Incomplete"),
    ] {
        cluster.broker.reset().await;
        Mock::given(path_regex("^/api/queues/")).respond_with(answer).mount(&cluster.broker).await;
        is_starting(&cluster, unknown).await?;
    }
    assert_eq!(cluster.replicas().await?, 1);
    assert_eq!(warnings(&cluster).await?, [""; 0]);

    cluster.queue(0, 0).await;
    eventually("it is ready", async || cluster.condition("Ready", "True Ready").await).await?;
    assert_eq!(cluster.replicas().await?, 1);
    assert_eq!(warnings(&cluster).await?, [""; 0]);
    assert!(operator.stop().await?.success());
    cluster.end().await
}

/// Waits for a round in which the queue was unknown for this reason, and the condition said no more than that.
async fn is_starting(cluster: &Cluster, unknown: &str) -> anyhow::Result<()> {
    eventually(&format!("it has seen that the queue is {unknown}"), async || {
        let object = cluster.api::<QueueScaler>().get("jobs").await?;
        let conditions = object.status.unwrap_or_default().conditions;
        let seen = conditions.iter().find(|condition| condition.type_ == "BrokerReachable");
        if let Some(seen) = seen {
            assert_eq!((seen.status.as_str(), seen.reason.as_str()), ("False", "BrokerStarting"), "{seen:?}");
        }
        Ok(seen.is_some_and(|condition| condition.message.contains(&format!("({unknown}, "))))
    })
    .await
}

/// The Events that are Warnings, whatever they regard.
async fn warnings(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let events = cluster.api::<Event>().list(&ListParams::default()).await?;
    let warnings = events.into_iter().filter(|event| event.type_.as_deref() == Some("Warning"));
    Ok(warnings.map(|event| format!("{:?}: {:?}", event.reason, event.note)).collect())
}
