//! What only a master that Sentinels watch does.

use testkit::servers::RedisSentinels;

use super::{outages::RIGHTS, *};
use crate::redis_servers::{RedisAccess, RedisServers, RedisUrl};

const DOWN_AFTER: Duration = Duration::from_millis(500);

async fn tell(server: &Redis, command: &str) {
    let answer = server.ask(command).await.unwrap();
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

#[tokio::test]
async fn the_master_is_found_and_after_a_failover_the_next_one() {
    let mut group = RedisSentinels::start(2, DOWN_AFTER).await.unwrap();
    let cache = redis_cache_at(&group.url(), DEADLINE);
    let before = cache.open().await.unwrap();
    assert_eq!(before.servers(), cache.open().await.unwrap().servers(), "nothing has changed");
    cache.connect().await.unwrap();
    let shared = Cache::Redis(cache.clone());
    store(&shared, ADA, "old").await;
    let keys = group.servers[0].ask("KEYS *").await.unwrap();
    assert!(keys.contains("cache_fence_ADA@EXAMPLE.COM"), "named as in earlier releases: {keys}");

    group.servers[0].kill().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    let after = loop {
        if let Ok(after) = cache.open().await {
            break after;
        }
        // Until the Sentinels have noticed it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_ne!(before.servers(), after.servers());
    cache.clean(&after).await.unwrap();
    cache.admit(after, Some(2)).await.unwrap();
    assert_eq!(cache.agreement(), Some(2));
    assert_eq!(value(&shared, ADA).await, None, "the new master may lack what was dropped from the old one");
}

#[tokio::test]
async fn redis_and_sentinels_have_passwords_of_their_own() {
    let group = RedisSentinels::start(1, DOWN_AFTER).await.unwrap();
    for server in &group.servers {
        tell(server, &format!("ACL SETUSER w2meet on >s3cret {RIGHTS} +role")).await;
    }
    for sentinel in &group.sentinels {
        let rights = "+sentinel|masters +role +auth +ping";
        let asked = sentinel.ask(&format!("ACL SETUSER w2meet on >other {rights}")).await.unwrap();
        assert!(asked.starts_with("+OK"), "{asked}");
        let asked = sentinel.ask("ACL SETUSER default off").await.unwrap();
        assert!(asked.starts_with("+OK"), "{asked}");
    }
    let url: RedisUrl = group.url().replace("://", "://w2meet:s3cret@").parse().unwrap();
    for (password, is_right) in [("other", true), ("s3cret", false)] {
        let sentinels = RedisAccess {
            username: Some("w2meet".to_owned()),
            password: Some(service_kit::Secret::of(password.to_owned())),
            ..RedisAccess::default()
        };
        let servers = RedisServers::of(&url, RedisAccess::of(&url, None), &sentinels).unwrap();
        let metrics = RedisMetrics::register(&prometheus::Registry::new()).unwrap();
        let cache = RedisCache::new(servers, TTL_SECONDS, DEADLINE, metrics);
        let connected = cache.connect().await;
        assert_eq!(connected.is_ok(), is_right, "{connected:?}");
        if !is_right {
            assert_eq!(cache.failure(), Some(FailureCause::AUTHENTICATION));
        }
    }
}

#[tokio::test]
async fn a_service_that_the_sentinels_do_not_know_has_no_master() {
    let group = RedisSentinels::start(1, DOWN_AFTER).await.unwrap();
    let cache = redis_cache_at(&group.url().replace("/mymaster", "/other"), DEADLINE);
    assert!(cache.connect().await.is_err());
    assert_eq!(cache.failure(), Some(FailureCause::NO_MASTER));
}
