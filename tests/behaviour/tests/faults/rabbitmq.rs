//! The broker is killed and comes back, or its queue is gone.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{
    Api, eventually, jobs,
    load::{Posters, Tolerated},
};
use testkit::{Distributed, DistributedOptions, TcpProxy, servers::RabbitMq, shared};

use super::{broker::Broker, health_becomes, start};

async fn all_jobs(api: &Api) -> anyhow::Result<BTreeSet<String>> {
    let (mut all, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = api.get(&format!("/worker/tasks?limit=100{after}")).await?.is(200).json();
        for task in page["tasks"].as_array().context("no list")? {
            all.insert(task["job_id"].as_str().context("no id")?.to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

/// Every accepted job has succeeded, there is no other one, and nothing is left in the queues.
async fn everything_is_done_once(
    platform: &Distributed,
    api: &Api,
    accepted: &[String],
) -> anyhow::Result<()> {
    everything_is_done_once_by(Broker::of(platform).await?, api, accepted).await
}

pub(super) async fn everything_is_done_once_by(
    broker: Broker,
    api: &Api,
    accepted: &[String],
) -> anyhow::Result<()> {
    jobs::all_succeed(api, accepted, &jobs::couples_result()).await?;
    assert_eq!(all_jobs(api).await?, accepted.iter().cloned().collect());
    eventually("the queue is empty", Duration::from_secs(30), async || {
        let waiting = broker.waiting().await?;
        ensure!(waiting == 0, "{waiting} messages");
        Ok(())
    })
    .await?;
    assert_eq!(broker.dead().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_no_job_and_every_order_is_accepted() -> anyhow::Result<()> {
    let mut rabbitmq = RabbitMq::start().await?;
    let options = DistributedOptions { amqp_url: Some(rabbitmq.url()), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let couple = jobs::couple(&api).await?;
    health_becomes(&api, "/worker", "healthy").await?;
    let mut posters = Posters::start(&api, 4, &couple, Tolerated::Nothing);
    posters.go_on(100).await?;

    rabbitmq.kill().await?;
    posters.go_on(50).await?;
    health_becomes(&api, "/worker", "degraded").await?;
    posters.go_on(50).await?;
    // Enough to be published while orders still come in; more would only take longer.
    let mut accepted = posters.stop().await?;

    rabbitmq.restart().await?;
    health_becomes(&api, "/worker", "healthy").await?;
    accepted.extend(jobs::post_many(&api, 50, &couple.0, &couple.1).await?);
    everything_is_done_once(&platform, &api, &accepted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again_and_no_order_is_lost() -> anyhow::Result<()> {
    let (platform, api) = start(DistributedOptions::default()).await?;
    let (one, other) = jobs::couple(&api).await?;
    let mut accepted = jobs::post_many(&api, 10, &one, &other).await?;
    jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
    Broker::of(&platform).await?.delete_queue().await?;
    accepted.extend(jobs::post_many(&api, 10, &one, &other).await?);
    everything_is_done_once(&platform, &api, &accepted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_at_the_start_is_waited_for() -> anyhow::Result<()> {
    let (proxy, url) = TcpProxy::before(&shared::amqp_url()?).await?;
    proxy.cut().await;
    let options = DistributedOptions { amqp_url: Some(url), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let (one, other) = jobs::couple(&api).await?;
    health_becomes(&api, "/worker", "degraded").await?;
    let accepted = jobs::post_many(&api, 20, &one, &other).await?;

    proxy.heal().await?;
    health_becomes(&api, "/worker", "healthy").await?;
    everything_is_done_once(&platform, &api, &accepted).await
}
