//! Redis as a test server.

use std::time::Duration;

use testkit::eventually;
use testkit::servers::{Redis, RedisCluster, RedisOptions, RedisSentinels};

const SOON: Duration = Duration::from_secs(60);

async fn ask(server: &Redis, command: &str) -> anyhow::Result<String> {
    server.ask(command).await
}

#[tokio::test]
async fn is_empty_after_a_kill() {
    let mut server = Redis::start().await.unwrap();
    assert!(ask(&server, "SET k v").await.unwrap().starts_with("+OK"));
    server.kill().await.unwrap();
    assert!(ask(&server, "GET k").await.is_err(), "somebody still answers");
    server.restart().await.unwrap();
    assert!(ask(&server, "GET k").await.unwrap().starts_with("$-1"));
}

#[tokio::test]
async fn a_durable_one_comes_back_with_what_it_held() {
    let mut server =
        Redis::start_with(RedisOptions { durable: true, ..RedisOptions::default() }).await.unwrap();
    ask(&server, "SET k stale").await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    assert!(ask(&server, "GET k").await.unwrap().contains("stale"));
}

#[tokio::test]
async fn servers_run_side_by_side() {
    let (one, other) = tokio::try_join!(Redis::start(), Redis::start()).unwrap();
    ask(&one, "SET k v").await.unwrap();
    assert!(ask(&other, "GET k").await.unwrap().starts_with("$-1"));
}

#[tokio::test]
async fn a_replica_of_a_cluster_takes_over_from_a_killed_master() {
    let mut cluster = RedisCluster::start(3, 1, Duration::from_millis(500)).await.unwrap();
    let owner = cluster.owner("k").await.unwrap();
    assert!(owner < 3 && ask(&cluster.nodes[owner], "SET k v").await.unwrap().starts_with("+OK"));
    cluster.nodes[owner].kill().await.unwrap();
    eventually("a replica has taken over", SOON, async || {
        let now = cluster.owner("k").await?;
        anyhow::ensure!(now == owner + 3, "{now}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn sentinels_make_a_replica_the_master_when_that_is_killed() {
    let mut group = RedisSentinels::start(2, Duration::from_millis(500)).await.unwrap();
    assert_eq!(group.master().await.unwrap(), 0);
    group.servers[0].kill().await.unwrap();
    eventually("a replica has taken over", SOON, async || {
        let now = group.master().await?;
        anyhow::ensure!(now > 0, "it is still the one that is gone");
        anyhow::ensure!(ask(&group.servers[now], "SET k v").await?.starts_with("+OK"), "it takes no changes");
        Ok(())
    })
    .await
    .unwrap();
}
