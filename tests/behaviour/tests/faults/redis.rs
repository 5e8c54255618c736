//! The cache goes away and comes back, with what it knew before.

use std::time::{Duration, Instant};

use behaviour::{
    Api,
    load::{Tolerated, Writers},
    people,
};
use serde_json::json;
use testkit::{
    DistributedOptions, TcpProxy,
    servers::{Redis, RedisOptions},
};

use super::{health_becomes, start};

/// What is asked of each replica, past the gateway.
fn replicas(platform: &testkit::Distributed, api: &Api) -> Vec<Api> {
    platform.users.iter().map(|replica| api.at(replica.url())).collect()
}

/// A direct request's path: without the gateway's prefix.
fn direct(path: &str) -> &str {
    path.strip_prefix("/users").unwrap_or(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_cache_costs_no_answer_and_comes_back_without_old_values() -> anyhow::Result<()> {
    // Durable, so that after the restart it still has everything from before the outage.
    let mut redis = Redis::start_with(RedisOptions { durable: true, ..RedisOptions::default() }).await?;
    let options = DistributedOptions { redis: Some(redis.address()), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let replicas = replicas(&platform, &api);
    let replaced = people::create(&api, json!({"monday": [9]}), "first").await?;
    let deleted = people::create(&api, json!({"monday": [9]}), "first").await?;
    for email in [&replaced, &deleted] {
        for replica in &replicas {
            replica.get(direct(&people::cached_path(email))).await?.is(200);
        }
    }
    let mut writers = Writers::start(&api, 6, Tolerated::Nothing).await?;
    writers.go_on(5).await?;

    redis.kill().await?;
    health_becomes(&api, "/users", "degraded").await?;
    let body = people::body(&replaced, &json!({"sunday": [1]}), "last");
    let record = api.put(&people::path(&replaced), &body).await?.is(200).json();
    api.delete(&people::path(&deleted)).await?.is(204);
    let created = people::create(&api, json!({"tuesday": [2]}), "first").await?;
    writers.go_on(5).await?;
    let all_are_current = async || {
        for replica in &replicas {
            assert_eq!(replica.get(direct(&people::cached_path(&replaced))).await?.is(200).json(), record);
            replica.get(direct(&people::cached_path(&deleted))).await?.is(404);
            replica.get(direct(&people::cached_path(&created))).await?.is(200);
        }
        anyhow::Ok(())
    };
    all_are_current().await?;

    redis.restart().await?;
    // From the first moment on, whether a replica has noticed it or not.
    for _ in 0..20 {
        all_are_current().await?;
    }
    health_becomes(&api, "/users", "healthy").await?;
    writers.go_on(5).await?;
    all_are_current().await?;
    let written = writers.stop_and_check(&api).await?;
    assert!(written.iter().all(|written| written.refused == 0 && written.acknowledged == written.sent));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_cache_is_left_alone_when_it_does_not_answer_a_ping() -> anyhow::Result<()> {
    let redis = Redis::start().await?;
    let proxy = TcpProxy::start(redis.address()).await?;
    let options = DistributedOptions { redis: Some(proxy.address()), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let email = people::create(&api, people::numbered_week(0), "first").await?;
    for _ in 0..4 {
        api.get(&people::cached_path(&email)).await?.is(200);
    }
    let mut writers = Writers::start(&api, 4, Tolerated::Nothing).await?;
    writers.go_on(5).await?;

    proxy.hang();
    // Each replica learns it by a ping of 500 ms; until then each command may take its 250 ms.
    let noticed = Instant::now();
    health_becomes(&api, "/users", "degraded").await?;
    assert!(noticed.elapsed() < Duration::from_secs(10), "{:?}", noticed.elapsed());
    for replica in replicas(&platform, &api) {
        replica.get(direct(&people::cached_path(&email))).await?.is(200);
    }
    let started = Instant::now();
    for _ in 0..20 {
        api.get(&people::cached_path(&email)).await?.is(200);
    }
    assert!(started.elapsed() < Duration::from_secs(4), "20 reads took {:?}", started.elapsed());
    let body = people::body(&email, &people::numbered_week(1), "first");
    let record = api.put(&people::path(&email), &body).await?.is(200).json();
    writers.go_on(5).await?;

    // What the hang has held back, old values to be stored among it, now reaches the cache.
    proxy.heal().await?;
    health_becomes(&api, "/users", "healthy").await?;
    for _ in 0..10 {
        assert_eq!(api.get(&people::cached_path(&email)).await?.is(200).json(), record);
    }
    writers.go_on(5).await?;
    writers.stop_and_check(&api).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_nobody_asks_finds_the_cache_again_too() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let redis = platform.redis.as_mut().unwrap();
    redis.kill().await?;
    redis.restart().await?;
    for replica in replicas(&platform, &api) {
        health_becomes(&replica, "", "healthy").await?;
    }
    Ok(())
}
