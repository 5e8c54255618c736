//! Only one replica loses the cache; the other goes on believing it, and must not believe too much.

use behaviour::people;
use testkit::{DistributedOptions, TcpProxy};

use super::{health_becomes, start, start_again};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cut_off_replica_writes_is_seen_by_the_other_at_once() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let redis = platform.redis.as_ref().unwrap().address();
    let proxy = TcpProxy::start(redis).await?;
    start_again(&mut platform.users[0], |spec| spec.env("REDIS_PORT", proxy.port())).await?;
    let [cut_off, other] = [0, 1].map(|replica| api.at(platform.users[replica].url()));
    let email = people::create(&api, people::numbered_week(0), "first").await?;
    let path = format!("/users/{}", people::encode(&email));
    let cached = people::cached_path(&email).replacen("/users", "", 1);
    other.get(&cached).await?.is(200);

    proxy.cut().await;
    health_becomes(&cut_off, "", "degraded").await?;
    health_becomes(&other, "", "healthy").await?;
    for number in 1..6 {
        let body = people::body(&email, &people::numbered_week(number), "first");
        let record = cut_off.put(&path, &body).await?.is(200).json();
        for replica in [&other, &cut_off, &other] {
            assert_eq!(replica.get(&cached).await?.is(200).json(), record, "version {number}");
        }
    }
    cut_off.delete(&path).await?.is(204);
    for replica in [&other, &cut_off, &other] {
        replica.get(&cached).await?.is(404);
    }

    proxy.heal().await?;
    health_becomes(&cut_off, "", "healthy").await?;
    for replica in [&cut_off, &other] {
        replica.get(&cached).await?.is(404);
    }
    Ok(())
}
