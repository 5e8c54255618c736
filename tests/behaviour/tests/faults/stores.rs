//! Stores that hang, and several that are away at once.

use std::time::{Duration, Instant};

use anyhow::Context;
use behaviour::{jobs, people};
use reqwest::Method;
use serde_json::json;
use testkit::{DistributedOptions, TcpProxy, shared};

use super::{health_becomes, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_database_is_a_503_within_the_deadline_and_well_again_afterwards() -> anyhow::Result<()> {
    let (proxy, dsn) = TcpProxy::before(&shared::postgres_database().await?).await?;
    let options = DistributedOptions { pg_dsn: Some(dsn), ..DistributedOptions::default() };
    let (_platform, api) = start(options).await?;
    let (known, uncached) = jobs::couple(&api).await?;
    let record = api.get(&people::cached_path(&known)).await?.is(200).json();

    proxy.hang();
    let (started, not_cached) = (Instant::now(), people::cached_path(&uncached));
    let new = people::fresh_address("hung");
    let (newcomer, order) =
        (people::body(&new, &json!({}), "first"), json!({"userId1": known, "userId2": known}));
    let replies = futures::try_join!(
        api.post("/users/users", &newcomer),
        api.get(&not_cached),
        api.post("/worker/tasks", &order),
        api.get("/worker/tasks"),
    )?;
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    for reply in [replies.0, replies.1, replies.2, replies.3] {
        assert_eq!(reply.status, 503, "{}: {}", reply.request, reply.text());
    }
    // A database that only some cannot reach may be changed by others: what is cached is not served for longer than a
    // moment, and what is refused is refused in time.
    let started = Instant::now();
    api.get(&people::cached_path(&known)).await?.is(503);
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    health_becomes(&api, "/users", "unhealthy").await?;

    proxy.heal().await?;
    health_becomes(&api, "/users", "healthy").await?;
    health_becomes(&api, "/worker", "healthy").await?;
    for _ in 0..4 {
        api.get(&people::path(&uncached)).await?.is(200);
    }
    assert_eq!(api.get(&people::cached_path(&known)).await?.is(200).json(), record);
    let job_id = jobs::post(&api, &known, &uncached).await?;
    jobs::all_succeed(&api, &[job_id], &jobs::couples_result()).await?;
    // What the hang has held back may be done after all, but then as a whole.
    let status = api.post("/users/users", &newcomer).await?.status;
    assert!(matches!(status, 200 | 201), "{status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_broker_costs_an_order_one_deadline_at_most() -> anyhow::Result<()> {
    let (proxy, url) = TcpProxy::before(&shared::amqp_url()?).await?;
    let options = DistributedOptions { amqp_url: Some(url), ..DistributedOptions::default() };
    let (_platform, api) = start(options).await?;
    let (one, other) = jobs::couple(&api).await?;
    health_becomes(&api, "/worker", "healthy").await?;
    let mut accepted = jobs::post_many(&api, 5, &one, &other).await?;

    proxy.hang();
    let started = Instant::now();
    accepted.extend(jobs::post_many(&api, 20, &one, &other).await?);
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    health_becomes(&api, "/worker", "degraded").await?;
    accepted.extend(jobs::post_many(&api, 5, &one, &other).await?);

    proxy.heal().await?;
    jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
    health_becomes(&api, "/worker", "healthy").await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_all_stores_away_every_answer_is_in_shape_and_the_processes_live_on() -> anyhow::Result<()> {
    let (database, dsn) = TcpProxy::before(&shared::postgres_database().await?).await?;
    let (broker, url) = TcpProxy::before(&shared::amqp_url()?).await?;
    let options =
        DistributedOptions { pg_dsn: Some(dsn), amqp_url: Some(url), ..DistributedOptions::default() };
    let (mut platform, api) = start(options).await?;
    let (one, other) = jobs::couple(&api).await?;
    api.get(&people::cached_path(&one)).await?.is(200);

    database.cut().await;
    broker.cut().await;
    platform.redis.as_mut().context("no Redis")?.kill().await?;
    let (path, cached) = (people::path(&one), people::cached_path(&one));
    let (id, body) = (people::encode(&one), people::body(&one, &json!({}), "first"));
    let pair = format!("userId1={id}&userId2={id}");
    let (availability, suggestion) =
        (format!("/availability/availabilities?{pair}"), format!("/suggestion/suggestions?{pair}"));
    let order = json!({"userId1": one, "userId2": other});
    // In shape, which every reply is checked for.
    let replies = futures::try_join!(
        api.get(&path),
        api.get(&cached),
        api.put(&path, &body),
        api.delete(&path),
        api.get(&availability),
        api.get(&suggestion),
        api.post("/worker/tasks", &order),
    )?;
    let replies = [replies.0, replies.1, replies.2, replies.3, replies.4, replies.5, replies.6];
    for reply in replies {
        assert_eq!(reply.status, 503, "{}: {}", reply.request, reply.text());
    }
    health_becomes(&api, "/users", "unhealthy").await?;
    health_becomes(&api, "/worker", "unhealthy").await?;
    for process in platform.services() {
        let ops = api.at(format!("http://{}", process.ops()));
        ops.call(Method::GET, "/livez").send_unchecked().await?.is(200);
        let needs_the_database =
            ["user-service", "worker-service"].iter().any(|name| process.name().starts_with(name));
        let ready = if needs_the_database { 503 } else { 200 };
        ops.call(Method::GET, "/readyz").send_unchecked().await?.is(ready);
    }

    database.heal().await?;
    broker.heal().await?;
    platform.redis.as_mut().context("no Redis")?.restart().await?;
    for prefix in ["/users", "/availability", "/suggestion", "/worker"] {
        health_becomes(&api, prefix, "healthy").await?;
    }
    let job_id = jobs::post(&api, &one, &other).await?;
    jobs::all_succeed(&api, &[job_id], &jobs::couples_result()).await?;
    Ok(())
}
