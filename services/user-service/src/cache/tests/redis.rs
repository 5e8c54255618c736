//! What only a Redis does.

use ::redis::cmd;
use service_kit::RequestContext;
use testkit::servers::RedisOptions;
use wire::{AllowanceRequest, CaseId};

use super::*;
use crate::cache::redis::TOKEN_LIFE;

#[tokio::test]
async fn redis_has_the_keys_and_the_lives_that_the_contract_says() {
    let server = Redis::start().await.unwrap();
    let cache = connected(&server).await;
    store(&cache, "Ada@Example.com", "1").await;

    let mut line = client(&server).await;
    let stored: String = cmd("GET").arg("cache_aside_ADA@EXAMPLE.COM").query_async(&mut line).await.unwrap();
    assert_eq!(stored, "1");
    for (name, longest) in [("cache_aside_", TTL_SECONDS), ("cache_fence_", TOKEN_LIFE.as_secs())] {
        let life: u64 =
            cmd("TTL").arg(format!("{name}ADA@EXAMPLE.COM")).query_async(&mut line).await.unwrap();
        assert!((1..=longest).contains(&life), "{name}: {life}");
    }
}

#[tokio::test]
async fn a_token_at_the_end_of_its_life_is_good_for_nothing() {
    let server = Redis::start().await.unwrap();
    let cache = connected(&server).await;
    let token = note(&cache, ADA).await;
    let () =
        cmd("DEL").arg("cache_fence_ADA@EXAMPLE.COM").query_async(&mut client(&server).await).await.unwrap();
    fill(&cache, ADA, &token, "old").await;
    assert_eq!(value(&cache, ADA).await, None);
    note(&cache, ADA).await;
    fill(&cache, ADA, &token, "old").await;
    assert_eq!(value(&cache, ADA).await, None);
}

#[tokio::test]
async fn a_token_is_good_on_the_connection_only_on_which_it_was_noted() {
    let server = Redis::start().await.unwrap();
    let cache = connected(&server).await;
    let token = note(&cache, ADA).await;
    cache.connect().await.unwrap();
    fill(&cache, ADA, &token, "old").await;
    assert_eq!(value(&cache, ADA).await, None, "the server may have lost what changed the token");
    store(&cache, ADA, "new").await;
    assert_eq!(value(&cache, ADA).await, Some(record("new")));
}

#[tokio::test]
async fn values_from_before_a_restart_are_not_believed() {
    let mut server =
        Redis::start_with(RedisOptions { durable: true, ..RedisOptions::default() }).await.unwrap();
    let cache = connected(&server).await;
    store(&cache, ADA, "old").await;
    cache.connect().await.unwrap();
    assert!(value(&cache, ADA).await.is_some(), "a new connection to the same process");

    server.kill().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    server.restart().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err(), "nobody has checked the new process");
    cache.connect().await.unwrap();
    assert_eq!(value(&cache, ADA).await, None);
}

#[tokio::test]
async fn scripts_need_not_be_known_to_redis() {
    let server = Redis::start().await.unwrap();
    let cache = connected(&server).await;
    let () = cmd("SCRIPT").arg("FLUSH").query_async(&mut client(&server).await).await.unwrap();
    store(&cache, ADA, "1").await;
    assert!(value(&cache, ADA).await.is_some());
}

#[tokio::test]
async fn what_replicas_hand_out_is_counted_together_and_forgotten() {
    let server = Redis::start().await.unwrap();
    let request = AllowanceRequest { key: "client_a_1".to_owned(), units: 4, limit: 10, window_seconds: 60 };
    let context = RequestContext::of_background(CaseId::fresh());
    let mut granted = Vec::new();
    for replica in [connected(&server).await, connected(&server).await] {
        for _ in 0..2 {
            granted.push(replica.counts().take(&context, &request).await.unwrap().units);
        }
    }
    assert_eq!(granted, [4, 4, 2, 0]);
    let life: u64 = cmd("TTL").arg("rate_client_a_1").query_async(&mut client(&server).await).await.unwrap();
    assert!((1..=60).contains(&life), "{life}");
}
