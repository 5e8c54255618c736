//! A service that another one asks hangs, or is gone.

use std::time::{Duration, Instant};

use behaviour::{Api, eventually, jobs, people};
use futures::future::try_join_all;
use testkit::{DistributedOptions, Service};

use super::{SOON, proxy_before_peer, start};

/// The deadline that is set for one answer of a peer.
const DEADLINE: Duration = Duration::from_millis(700);
/// Consecutive failures that open the breaker.
const FAILURES: usize = 5;

fn question(service: &str, (one, other): &(String, String)) -> String {
    format!("{service}?userId1={}&userId2={}", people::encode(one), people::encode(other))
}

async fn recovers(api: &Api, question: &str) -> anyhow::Result<()> {
    eventually("it answers again", SOON, async || api.get(question).await?.ensure_status(200).map(drop)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_peer_costs_one_deadline_and_then_nothing_until_it_is_back() -> anyhow::Result<()> {
    let options =
        DistributedOptions::default().env(Service::Suggestion, "PEER_TIMEOUT_MS", DEADLINE.as_millis());
    let (mut platform, api) = start(options).await?;
    let proxy = proxy_before_peer(&mut platform.suggestion, "AVAILABILITY_SERVICE_BASE").await?;
    let couple = jobs::couple(&api).await?;
    let question = question("/suggestion/suggestions", &couple);
    api.get(&question).await?.is(200);

    proxy.hang();
    let started = Instant::now();
    let hung = try_join_all((0..FAILURES).map(|_| api.get(&question))).await?;
    let took = started.elapsed();
    for reply in hung {
        reply.says(503, "Availability service is unavailable");
    }
    assert!(took >= DEADLINE && took < DEADLINE * 5, "{took:?}");
    let started = Instant::now();
    for _ in 0..10 {
        api.get(&question).await?.says(503, "Availability service is unavailable");
    }
    // One of them may be the breaker's probe.
    let took = started.elapsed();
    assert!(took < DEADLINE * 2, "{took:?} for ten, though the breaker is open");
    api.get(&question.replace("/suggestion/suggestions", "/availability/availabilities")).await?.is(200);

    // A job that falls into that time is tried again.
    let job_id = jobs::post(&api, &couple.0, &couple.1).await?;
    proxy.heal().await?;
    recovers(&api, &question).await?;
    jobs::all_succeed(&api, &[job_id], &jobs::couples_result()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_gone_is_one_and_the_same_503_at_every_distance() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let couple = jobs::couple(&api).await?;
    let (availability, suggestion) =
        (question("/availability/availabilities", &couple), question("/suggestion/suggestions", &couple));

    for replica in &mut platform.users {
        replica.kill().await?;
    }
    api.get(&availability).await?.says(503, "User service is unavailable");
    api.get(&suggestion).await?.says(503, "Availability service is unavailable");
    for prefix in ["/availability", "/suggestion"] {
        super::health_becomes(&api, prefix, "unhealthy").await?;
    }
    for replica in &mut platform.users {
        replica.restart().await?;
    }
    recovers(&api, &suggestion).await?;
    recovers(&api, &availability).await?;

    for replica in &mut platform.availability {
        replica.kill().await?;
    }
    api.get(&suggestion).await?.says(503, "Availability service is unavailable");
    for replica in &mut platform.availability {
        replica.restart().await?;
    }
    recovers(&api, &suggestion).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_replicas_is_enough() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let couple = jobs::couple(&api).await?;
    let suggestion = question("/suggestion/suggestions", &couple);
    platform.users[0].kill().await?;
    platform.availability[1].kill().await?;
    for _ in 0..20 {
        api.get(&suggestion).await?.is(200);
        api.get(&people::cached_path(&couple.0)).await?.is(200);
    }
    Ok(())
}
