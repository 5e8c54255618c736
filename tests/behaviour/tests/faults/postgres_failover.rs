//! A standby takes over from a killed primary.

use std::time::{Duration, Instant};

use anyhow::Context;
use behaviour::{
    contended::ContendedClients,
    eventually, jobs,
    load::{Tolerated, Writers},
    people,
};
use testkit::{DistributedOptions, servers::Postgres};

use super::{SOON, health_becomes, start};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_on_the_standby_and_the_service_goes_on_there() -> anyhow::Result<()> {
    let (mut primary, standby) = Postgres::start_with_standby().await?;
    let database = primary.create_database().await?;
    let (_, name) = database.rsplit_once('/').context("a DSN names a database")?;
    // The standby comes first, and is passed over as long as it is one.
    let dsn = format!("postgres://postgres@{},{}/{name}", standby.address(), primary.address());
    let options = DistributedOptions { pg_dsn: Some(dsn), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let couple = jobs::couple(&api).await?;
    let mut accepted = jobs::post_many(&api, 20, &couple.0, &couple.1).await?;
    let mut writers = Writers::start(&api, 6, Tolerated::Unavailable).await?;
    writers.go_on(20).await?;
    let replicas = [0, 1].map(|replica| api.at(platform.users[replica].url()));
    let mut contended = ContendedClients::start(&replicas, 8, 2).await?;
    contended.go_on(20).await?;

    primary.kill().await?;
    let killed = Instant::now();
    standby.promote().await?;
    eventually("a change is taken", SOON, async || {
        people::create(&api, people::numbered_week(1), "first").await
    })
    .await?;
    assert!(killed.elapsed() < Duration::from_secs(15), "{:?}", killed.elapsed());
    for prefix in ["/users", "/worker"] {
        health_becomes(&api, prefix, "healthy").await?;
    }
    writers.go_on(20).await?;
    writers.stop_and_check(&api).await?;
    contended.go_on(20).await?;
    let done = contended.stop_and_check().await?;
    assert!(done.unknown > 0 && done.changes > 200, "{done:?}");
    accepted.extend(jobs::post_many(&api, 20, &couple.0, &couple.1).await?);
    jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
    Ok(())
}
