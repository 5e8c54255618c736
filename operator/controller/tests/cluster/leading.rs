//! Two instances and one Lease.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;

use crate::{
    cluster::{Cluster, eventually},
    operator::Operator,
};

async fn holder(cluster: &Cluster) -> anyhow::Result<Option<String>> {
    let lease = cluster.api::<Lease>().get_opt("w2meet-operator").await?;
    Ok(lease.and_then(|lease| lease.spec?.holder_identity))
}

async fn held_by(cluster: &Cluster, identity: &str) -> anyhow::Result<()> {
    eventually(&format!("{identity} leads"), async || Ok(holder(cluster).await?.as_deref() == Some(identity)))
        .await
}

#[tokio::test]
async fn a_stopped_instance_hands_over_at_once_and_the_work_goes_on() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    cluster.start(0).await?;
    let one = Operator::start(&cluster, "one").await?;
    held_by(&cluster, "one").await?;
    let two = Operator::start(&cluster, "two").await?;
    eventually("it has looked", async || cluster.condition("Ready", "True Ready").await).await?;
    assert_eq!(holder(&cluster).await?.as_deref(), Some("one"));

    let stopped = Instant::now();
    assert!(one.stop().await?.success());
    held_by(&cluster, "two").await?;
    assert!(
        stopped.elapsed() < Duration::from_secs(5),
        "it waited for the lease to expire: {:?}",
        stopped.elapsed()
    );
    cluster.queue(1, 0).await;
    eventually("a worker", async || Ok(cluster.replicas().await? == 1)).await?;
    assert!(two.stop().await?.success());
    assert_eq!(holder(&cluster).await?, None);
    cluster.end().await
}

#[tokio::test]
async fn a_killed_instance_is_replaced_when_its_lease_has_expired() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let one = Operator::start(&cluster, "one").await?;
    held_by(&cluster, "one").await?;
    let two = Operator::start(&cluster, "two").await?;
    one.kill().await?;
    held_by(&cluster, "two").await?;
    assert!(two.stop().await?.success());
    cluster.end().await
}
