//! The consumer ends in the middle of jobs, in order or not.

use anyhow::ensure;
use behaviour::{Api, eventually, jobs};
use testkit::{Distributed, DistributedOptions, Service, ServiceProcess, TcpProxy, free_port};

use super::{SOON, broker::Broker, proxy_before_peer, start};

/// Jobs that the consumer does at a time.
const CONCURRENCY: usize = 2;

/// A platform whose consumer asks suggestion-service through a proxy.
async fn platform_with_proxy() -> anyhow::Result<(Distributed, Api, TcpProxy)> {
    let options = DistributedOptions::default()
        .env(Service::WorkerConsumer, "CONCURRENCY", CONCURRENCY)
        .env(Service::WorkerConsumer, "PREFETCH", 4)
        .env(Service::WorkerConsumer, "PEER_TIMEOUT_MS", 60_000)
        .env(Service::WorkerConsumer, "RETRY_BASE_MS", 100);
    let (mut platform, api) = start(options).await?;
    let proxy = proxy_before_peer(platform.consumer()?, "SUGGESTION_BASE").await?;
    Ok((platform, api, proxy))
}

/// Posts jobs that hang, and waits until as many as possible are under way.
async fn jobs_in_the_middle(api: &Api, proxy: &TcpProxy) -> anyhow::Result<Vec<String>> {
    let (one, other) = jobs::couple(api).await?;
    proxy.hang();
    let posted = jobs::post_many(api, 8, &one, &other).await?;
    eventually("jobs are under way", SOON, async || {
        let page = api.get("/worker/tasks?state=running").await?.is(200).json();
        let running = page["tasks"].as_array().map_or(0, Vec::len);
        ensure!(running == CONCURRENCY, "{running} are");
        Ok(())
    })
    .await?;
    Ok(posted)
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_killed_consumer_are_done_by_the_next_one() -> anyhow::Result<()> {
    let (mut platform, api, proxy) = platform_with_proxy().await?;
    let posted = jobs_in_the_middle(&api, &proxy).await?;

    platform.consumer()?.kill().await?;
    proxy.heal().await?;
    platform.consumer()?.restart().await?;
    let done = jobs::all_succeed(&api, &posted, &jobs::couples_result()).await?;
    let attempts: u64 = done.iter().filter_map(|job| job["attempts"].as_u64()).sum();
    assert_eq!(attempts, 8 + CONCURRENCY as u64, "only those that were under way were begun anew");
    assert_eq!(Broker::of(&platform).await?.dead().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_consumer_finishes_what_runs_and_gives_back_the_rest() -> anyhow::Result<()> {
    let (mut platform, api, proxy) = platform_with_proxy().await?;
    let posted = jobs_in_the_middle(&api, &proxy).await?;

    platform.consumer()?.terminate()?;
    platform.consumer()?.wait_for_log("stopping", SOON).await?;
    let broker = Broker::of(&platform).await?;
    eventually("what was not begun is in the queue again", SOON, async || {
        let waiting = broker.waiting().await?;
        ensure!(waiting as usize == posted.len() - CONCURRENCY, "{waiting} are");
        Ok(())
    })
    .await?;
    proxy.heal().await?;
    let status = platform.consumer()?.wait().await?;
    assert!(status.success(), "{status}");
    let mut states = Vec::new();
    for job_id in &posted {
        states.push(jobs::look_up(&api, job_id).await?["state"].clone());
    }
    assert_eq!(states.iter().filter(|state| **state == "succeeded").count(), CONCURRENCY, "{states:?}");
    assert_eq!(
        states.iter().filter(|state| **state == "queued").count(),
        posted.len() - CONCURRENCY,
        "{states:?}"
    );

    platform.consumer()?.restart().await?;
    let done = jobs::all_succeed(&api, &posted, &jobs::couples_result()).await?;
    assert!(done.iter().all(|job| job["attempts"] == 1), "nothing was begun twice");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consumers_share_the_jobs_and_do_none_twice() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let mut spec = platform.consumer()?.spec().clone().name("second-consumer").port(free_port()?);
    spec.ops_listen.set_port(free_port()?);
    spec.public_listen = None;
    let second = ServiceProcess::start(spec).await?;
    let (one, other) = jobs::couple(&api).await?;
    let posted = jobs::post_many(&api, 150, &one, &other).await?;
    let done = jobs::all_succeed(&api, &posted, &jobs::couples_result()).await?;
    assert!(done.iter().all(|job| job["attempts"] == 1));
    for consumer in [&*platform.consumer()?, &second] {
        let outcomes = consumer.logs().iter().filter(|line| line.contains("job succeeded")).count();
        assert!((1..150).contains(&outcomes), "{} did {outcomes}", consumer.name());
    }
    Ok(())
}
