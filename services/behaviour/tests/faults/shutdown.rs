//! Replicas come and go while clients work.

use testkit::{DistributedOptions, Form};

use super::{
    gateway,
    load::{Patience, Writers},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stops_in_order_fails_no_request() -> anyhow::Result<()> {
    let mut platform = Form::distributed(DistributedOptions::default()).await?;
    let api = gateway(&platform)?;
    let mut writers = Writers::start(&api, 8, Patience::None).await?;
    for round in 0..4 {
        writers.go_on(10).await?;
        let replica = &mut platform.users[round % 2];
        replica.terminate()?;
        let status = replica.wait().await?;
        assert!(status.success(), "round {round}: {status}");
        writers.go_on(10).await?;
        platform.users[round % 2].restart().await?;
    }
    let written = writers.stop_and_check(&api).await?;
    assert!(written.iter().all(|written| written.acknowledged == written.sent), "{written:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_platform_stops_in_order_after_finishing_its_jobs() -> anyhow::Result<()> {
    let mut platform = Form::distributed(DistributedOptions::default()).await?;
    let api = gateway(&platform)?;
    let (one, other) = behaviour::jobs::couple(&api).await?;
    behaviour::jobs::post_many(&api, 20, &one, &other).await?;
    platform.stop().await?;
    for service in platform.services() {
        let logs = service.logs().join("\n");
        assert!(logs.contains("\"stopped\""), "{} did not stop in order:\n{logs}", service.name());
        assert!(!logs.contains("\"ERROR\""), "{} had errors:\n{logs}", service.name());
    }
    Ok(())
}
