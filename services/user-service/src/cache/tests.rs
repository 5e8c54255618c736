use std::time::Duration;

use ::redis::cmd;
use proptest::{prelude::*, test_runner::TestRunner};
use testkit::{
    TcpProxy,
    servers::{Redis, RedisOptions},
};

use super::*;
use crate::test_support::{ADA, TTL_SECONDS, key, redis_cache};

const DEADLINE: Duration = Duration::from_secs(2);

fn record(text: &str) -> Record {
    Record::cached(text.to_owned().into())
}

fn fill(address: &str, token: &Token, text: &str) -> Fill {
    Fill { key: key(address), token: token.clone(), record: record(text) }
}

async fn token(cache: &Cache, address: &str) -> Token {
    cache.tokens(&[key(address)]).await.unwrap().remove(0)
}

async fn value(cache: &Cache, address: &str) -> Option<Record> {
    cache.get(&[key(address)]).await.unwrap().remove(0)
}

/// A new cache of each kind; the server lives as long as the first part.
async fn both_kinds() -> [(Option<Redis>, Cache); 2] {
    let server = Redis::start().await.unwrap();
    let shared = redis_cache(server.port(), DEADLINE);
    shared.connect().await.unwrap();
    let own = Cache::Memory(MemoryCache::new(Duration::from_secs(TTL_SECONDS)));
    [(Some(server), shared), (None, own)]
}

#[tokio::test]
async fn values_come_back_in_the_order_of_the_keys() {
    for (_server, cache) in both_kinds().await {
        let none = Token::none();
        cache.fill(&[fill("a@x.com", &none, "1"), fill("c@x.com", &none, "3")]).await.unwrap();
        let keys = ["c@x.com", "b@x.com", "a@x.com", "c@x.com"].map(key);
        let expected = [Some(record("3")), None, Some(record("1")), Some(record("3"))];
        assert_eq!(cache.get(&keys).await.unwrap(), expected);
        assert_eq!(cache.get(&keys[..1]).await.unwrap(), expected[..1]);
    }
}

#[tokio::test]
async fn a_value_is_taken_only_while_the_token_is_the_one_that_its_reader_noted() {
    for (_server, cache) in both_kinds().await {
        let before = token(&cache, ADA).await;
        let fence = Token::writing();
        cache.fence(&key(ADA), &fence).await.unwrap();
        cache.fill(&[fill(ADA, &before, "old")]).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None, "a writer is at work");

        cache.lift([(&key(ADA), fence.as_str())]).await.unwrap();
        cache.fill(&[fill(ADA, &before, "old")]).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None, "a writer was at work");

        let after = token(&cache, ADA).await;
        cache.fill(&[fill(ADA, &after, "new")]).await.unwrap();
        assert_eq!(value(&cache, ADA).await, Some(record("new")));
    }
}

#[tokio::test]
async fn raising_and_lifting_a_fence_drop_the_value() {
    for (_server, cache) in both_kinds().await {
        cache.fill(&[fill(ADA, &Token::none(), "old")]).await.unwrap();
        let fence = Token::writing();
        cache.fence(&key(ADA), &fence).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None);

        cache.fill(&[fill(ADA, &fence, "planted")]).await.unwrap();
        cache.lift([(&key(ADA), fence.as_str())]).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None);
        assert!(!token(&cache, ADA).await.is_writing());
    }
}

#[tokio::test]
async fn somebody_elses_fence_stays_up() {
    for (_server, cache) in both_kinds().await {
        let (mine, theirs) = (Token::writing(), Token::writing());
        cache.fence(&key(ADA), &mine).await.unwrap();
        cache.fence(&key(ADA), &theirs).await.unwrap();
        cache.lift([(&key(ADA), mine.as_str())]).await.unwrap();
        assert_eq!(token(&cache, ADA).await, theirs);
        cache.lift([(&key(ADA), theirs.as_str())]).await.unwrap();
        assert!(!token(&cache, ADA).await.is_writing());
    }
}

#[tokio::test]
async fn lifting_what_was_never_raised_turns_readers_away_all_the_same() {
    for (_server, cache) in both_kinds().await {
        let (a, b) = (key("a@x.com"), key("b@x.com"));
        let before = token(&cache, "b@x.com").await;
        cache.lift([(&a, "writing:lost"), (&b, "writing:lost too")]).await.unwrap();
        cache.fill(&[fill("b@x.com", &before, "old")]).await.unwrap();
        assert_eq!(value(&cache, "b@x.com").await, None);
    }
}

#[derive(Clone, Debug)]
enum Op {
    /// With the token that was noted last.
    Fill(u8),
    Note,
    /// By this writer.
    Fence(usize),
    Lift(usize),
}

/// What any cache has to do, for one person: a value with the token that it goes with.
#[derive(Default)]
struct Model {
    value: Option<u8>,
    token: String,
    noted: String,
    dones: u32,
}

impl Model {
    fn apply(&mut self, op: &Op, writers: &[Token]) {
        match op {
            Op::Note => self.noted = self.token.clone(),
            Op::Fill(value) if self.noted == self.token => self.value = Some(*value),
            Op::Fill(_) => (),
            Op::Fence(writer) => {
                self.value = None;
                self.token = writers[*writer].as_str().to_owned();
            }
            Op::Lift(writer) => {
                self.value = None;
                if self.token == writers[*writer].as_str() || !self.token.starts_with("writing:") {
                    self.dones += 1;
                    self.token = format!("done:{}", self.dones);
                }
            }
        }
    }
}

async fn apply(cache: &Cache, noted: &mut Token, op: &Op, writers: &[Token]) {
    match op {
        Op::Note => *noted = token(cache, ADA).await,
        Op::Fill(value) => cache.fill(&[fill(ADA, noted, &value.to_string())]).await.unwrap(),
        Op::Fence(writer) => cache.fence(&key(ADA), &writers[*writer]).await.unwrap(),
        Op::Lift(writer) => cache.lift([(&key(ADA), writers[*writer].as_str())]).await.unwrap(),
    }
}

#[test]
fn any_sequence_of_readers_and_writers_leaves_what_it_should() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kinds = runtime.block_on(both_kinds());
    let op = prop_oneof![
        any::<u8>().prop_map(Op::Fill),
        Just(Op::Note),
        (0..2_usize).prop_map(Op::Fence),
        (0..2_usize).prop_map(Op::Lift)
    ];
    let ops = prop::collection::vec(op, 1..24);
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) });
    runner
        .run(&ops, |ops| {
            for (_server, cache) in &kinds {
                let writers = [Token::writing(), Token::writing()];
                runtime.block_on(async {
                    // Leaves no value and some token, from which the model starts as from none.
                    for writer in &writers {
                        cache.fence(&key(ADA), writer).await.unwrap();
                        cache.lift([(&key(ADA), writer.as_str())]).await.unwrap();
                    }
                    let (mut model, mut noted) = (Model::default(), token(cache, ADA).await);
                    for op in &ops {
                        model.apply(op, &writers);
                        apply(cache, &mut noted, op, &writers).await;
                        let found = value(cache, ADA).await;
                        assert_eq!(found, model.value.map(|value| record(&value.to_string())));
                        assert_eq!(token(cache, ADA).await.is_writing(), model.token.starts_with("writing:"));
                    }
                });
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn redis_has_the_key_and_the_life_that_the_contract_says() {
    let server = Redis::start().await.unwrap();
    let cache = redis_cache(server.port(), DEADLINE);
    cache.connect().await.unwrap();
    cache.fill(&[fill("Ada@Example.com", &Token::none(), "1")]).await.unwrap();

    let client = ::redis::Client::open(server.url()).unwrap();
    let mut line = client.get_multiplexed_async_connection().await.unwrap();
    let stored: String = cmd("GET").arg("cache_aside_ADA@EXAMPLE.COM").query_async(&mut line).await.unwrap();
    assert_eq!(stored, "1");
    let life: u64 = cmd("TTL").arg("cache_aside_ADA@EXAMPLE.COM").query_async(&mut line).await.unwrap();
    assert!((1..=TTL_SECONDS).contains(&life), "{life}");
}

#[tokio::test]
async fn values_from_before_a_restart_are_not_believed() {
    let mut server =
        Redis::start_with(RedisOptions { durable: true, ..RedisOptions::default() }).await.unwrap();
    let cache = redis_cache(server.port(), DEADLINE);
    cache.connect().await.unwrap();
    cache.fill(&[fill(ADA, &Token::none(), "old")]).await.unwrap();
    cache.connect().await.unwrap();
    assert!(value(&cache, ADA).await.is_some(), "a new connection to the same process");

    server.kill().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    server.restart().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err(), "the connection does not mend itself");
    cache.connect().await.unwrap();
    assert_eq!(value(&cache, ADA).await, None);
}

#[tokio::test]
async fn a_redis_that_hangs_fails_within_the_deadline() {
    let server = Redis::start().await.unwrap();
    let proxy = TcpProxy::start(server.address()).await.unwrap();
    let cache = redis_cache(proxy.port(), Duration::from_millis(100));
    cache.connect().await.unwrap();
    proxy.hang();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    assert!(cache.ping().await.is_err());
    assert!(cache.connect().await.is_err());
    assert!(!cache.is_connected());
    proxy.heal().await.unwrap();
    cache.connect().await.unwrap();
    cache.ping().await.unwrap();
}

#[tokio::test]
async fn a_script_that_redis_has_lost_is_loaded_again() {
    let server = Redis::start().await.unwrap();
    let cache = redis_cache(server.port(), DEADLINE);
    cache.connect().await.unwrap();
    let client = ::redis::Client::open(server.url()).unwrap();
    let mut line = client.get_multiplexed_async_connection().await.unwrap();
    let () = cmd("SCRIPT").arg("FLUSH").query_async(&mut line).await.unwrap();
    cache.fill(&[fill(ADA, &Token::none(), "1")]).await.unwrap();
    assert!(value(&cache, ADA).await.is_some());
}
