//! Another server of the cache takes over, by a cluster's nodes or by Sentinels. Redis copies its changes late, so the new
//! one may lack what the old one has acknowledged: no read may show it.

use std::time::{Duration, Instant};

use anyhow::ensure;
use behaviour::{
    Api,
    contended::ContendedClients,
    crosswise::{CrosswiseClients, Seen},
    eventually, people,
};
use testkit::{
    Distributed, DistributedOptions, Service,
    servers::{RedisCluster, RedisSentinels},
};

use super::{SOON, health_becomes, start, start_again};

/// Until a server that does not answer is taken for dead.
const DEAD_AFTER: Duration = Duration::from_secs(1);
const CLIENTS: usize = 8;
/// People that as many clients more change together.
const SHARED_PEOPLE: usize = 2;

/// A platform with the Redis of this URL, and its two replicas of user-service.
async fn start_with(redis_url: String) -> anyhow::Result<(Distributed, [Api; 2])> {
    let options =
        DistributedOptions { redis: Some(([127, 0, 0, 1], 1).into()), ..DistributedOptions::default() };
    let options = options.env(Service::User, "REDIS_HOST", "").env(Service::User, "REDIS_PORT", "");
    let (platform, api) = start(options.env(Service::User, "REDIS_URL", redis_url)).await?;
    let replicas = [0, 1].map(|replica| api.at(platform.users[replica].url()));
    for replica in &replicas {
        health_becomes(replica, "", "healthy").await?;
    }
    Ok((platform, replicas))
}

/// Waits until both replicas have lost the cache, and until both use it again; how long they were without it.
async fn lose_and_find_again(replicas: &[Api; 2], since: Instant) -> anyhow::Result<Duration> {
    for status in ["degraded", "healthy"] {
        for replica in replicas {
            health_becomes(replica, "", status).await?;
        }
    }
    Ok(since.elapsed())
}

/// No read was old, nothing was refused, and what those saw who share people can have happened.
async fn assert_coherent(
    seen: &Seen,
    mut contended: ContendedClients,
    without_cache: &[Duration],
) -> anyhow::Result<()> {
    contended.go_on(20).await?;
    let done = contended.stop_and_check().await?;
    assert_eq!((done.unknown, done.refused_reads), (0, 0), "{done:?}");
    assert!(done.changes >= 40 * CLIENTS && done.reads >= 80 * CLIENTS, "{done:?}");
    assert!(without_cache.iter().all(|time| *time < SOON), "{without_cache:?}");
    assert_eq!((seen.stale, seen.refused), (0, 0), "{seen:?}");
    // A change that waits for the leases of others takes 1.5 s, and one that waits for Redis first its deadlines more.
    assert!(seen.longest_change < Duration::from_secs(6), "{seen:?}");
    assert!(seen.longest_read < Duration::from_secs(3), "{seen:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_is_old_when_masters_of_a_cluster_are_killed_one_after_the_other() -> anyhow::Result<()> {
    let mut cluster = RedisCluster::start(3, 1, DEAD_AFTER).await?;
    let (_platform, replicas) = start_with(cluster.url()).await?;
    let mut contended = ContendedClients::start(&replicas, CLIENTS, SHARED_PEOPLE).await?;
    contended.go_on(20).await?;
    let mut clients = CrosswiseClients::start(replicas.clone(), CLIENTS).await?;
    clients.go_on(20).await?;
    let mut without_cache = Vec::new();
    for master in 0..3 {
        let killed = Instant::now();
        cluster.nodes[master].kill().await?;
        without_cache.push(lose_and_find_again(&replicas, killed).await?);
        clients.go_on(20).await?;
    }
    let seen = clients.stop().await?;
    assert_coherent(&seen, contended, &without_cache).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_is_old_when_masters_that_sentinels_watch_are_killed_one_after_the_other()
-> anyhow::Result<()> {
    let mut group = RedisSentinels::start(2, DEAD_AFTER).await?;
    let (_platform, replicas) = start_with(group.url()).await?;
    let mut contended = ContendedClients::start(&replicas, CLIENTS, SHARED_PEOPLE).await?;
    contended.go_on(20).await?;
    let mut clients = CrosswiseClients::start(replicas.clone(), CLIENTS).await?;
    clients.go_on(20).await?;
    let mut without_cache = Vec::new();
    for _ in 0..2 {
        let (master, killed) = (group.master().await?, Instant::now());
        group.servers[master].kill().await?;
        without_cache.push(lose_and_find_again(&replicas, killed).await?);
        clients.go_on(20).await?;
    }
    let seen = clients.stop().await?;
    assert_coherent(&seen, contended, &without_cache).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_was_frozen_shows_nothing_old_when_it_goes_on() -> anyhow::Result<()> {
    let group = RedisSentinels::start(1, DEAD_AFTER).await?;
    let (_platform, replicas) = start_with(group.url()).await?;
    let mut contended = ContendedClients::start(&replicas, CLIENTS, SHARED_PEOPLE).await?;
    contended.go_on(20).await?;
    let mut clients = CrosswiseClients::start(replicas.clone(), CLIENTS).await?;
    clients.go_on(20).await?;
    let frozen = Instant::now();
    group.servers[0].pause()?;
    let without_cache = [lose_and_find_again(&replicas, frozen).await?];
    clients.go_on(20).await?;
    group.servers[0].resume()?;
    clients.go_on(100).await?;
    let seen = clients.stop().await?;
    assert_coherent(&seen, contended, &without_cache).await
}

/// Sentinels that are told to make another the master tell the one before only seconds later. Who is connected to it goes
/// on there, and who comes anew does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_does_not_know_yet_that_it_is_none_is_left_by_all() -> anyhow::Result<()> {
    let group = RedisSentinels::start(1, DEAD_AFTER).await?;
    let (mut platform, [writer, reader]) = start_with(group.url()).await?;
    let email = people::fresh_address("split");
    let body = |number| people::body(&email, &people::numbered_week(number), "first");
    let (path, cached) = (people::path(&email), people::cached_path(&email));
    let [path, cached] = [path, cached].map(|path| path.replacen("/users", "", 1));
    writer.post("/users", &body(0)).await?.is(201);
    for _ in 0..2 {
        reader.get(&cached).await?.is(200);
    }
    let told = group.sentinels[0].ask("SENTINEL FAILOVER mymaster").await?;
    assert!(told.starts_with("+OK"), "{told}");
    eventually("the Sentinels tell of another master", SOON, async || {
        ensure!(group.master().await? == 1, "it is the one before");
        Ok(())
    })
    .await?;
    // The reader has no reason to look for another.
    start_again(&mut platform.users[0], |spec| spec).await?;
    health_becomes(&writer, "", "healthy").await?;
    for number in 1..20 {
        let record = writer.put(&path, &body(number)).await?.is(200).json();
        for replica in [&reader, &writer, &reader] {
            assert_eq!(replica.get(&cached).await?.is(200).json(), record, "version {number}");
        }
    }
    let role = group.servers[0].ask("ROLE").await?;
    assert!(role.contains("master"), "it knew by then, and nothing was shown: {role}");
    health_becomes(&reader, "", "healthy").await
}
