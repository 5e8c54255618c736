//! What a cache of any kind does.

mod cluster;
mod outages;
mod redis;
mod sentinels;

use std::any::Any;

use ::redis::aio::MultiplexedConnection;
use proptest::{prelude::*, test_runner::TestRunner};
use testkit::servers::{Redis, RedisCluster};

use super::*;
use crate::test_support::{ADA, TTL_SECONDS, key, redis_cache, redis_cache_at};

const DEADLINE: Duration = Duration::from_secs(2);
/// Until a node of a cluster that does not answer is taken for dead.
const NODE_TIMEOUT: Duration = Duration::from_secs(1);

fn record(text: &str) -> Record {
    Record::cached(text.to_owned().into())
}

async fn note(cache: &Cache, address: &str) -> Token {
    cache.note(&[key(address)]).await.unwrap().remove(0).unwrap()
}

async fn fill(cache: &Cache, address: &str, token: &Token, text: &str) {
    let fill = Fill { key: key(address), token: token.clone(), record: record(text) };
    cache.fill(&[fill]).await.unwrap();
}

/// What a reader stores whom nobody overtakes.
async fn store(cache: &Cache, address: &str, text: &str) {
    fill(cache, address, &note(cache, address).await, text).await;
}

async fn value(cache: &Cache, address: &str) -> Option<Record> {
    cache.get(&[key(address)]).await.unwrap().remove(0)
}

/// A client beside the cache.
async fn client(server: &Redis) -> MultiplexedConnection {
    ::redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

async fn connected(server: &Redis) -> Cache {
    let cache = Cache::Redis(redis_cache(server.port(), DEADLINE));
    cache.connect().await.unwrap();
    cache
}

impl RedisCache {
    /// Connects to servers that no other test has.
    pub(super) async fn connect(&self) -> Result<(), CacheError> {
        let new = self.open().await?;
        let is_new = new.servers().is_some();
        if is_new {
            self.clean(&new).await?;
        }
        self.admit(new, is_new.then_some(1)).await
    }
}

impl Cache {
    async fn connect(&self) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.connect().await,
            Cache::Memory(_) | Cache::Off => Ok(()),
        }
    }
}

async fn connected_to_cluster(cluster: &RedisCluster) -> Cache {
    let cache = Cache::Redis(redis_cache_at(&cluster.url(), DEADLINE));
    cache.connect().await.unwrap();
    cache
}

/// A new cache of each kind; the servers live as long as the first part.
async fn all_kinds() -> [(Box<dyn Any>, Cache); 3] {
    let server = Redis::start().await.unwrap();
    let one = connected(&server).await;
    let cluster = RedisCluster::start(3, 0, NODE_TIMEOUT).await.unwrap();
    let many = connected_to_cluster(&cluster).await;
    let own = Cache::Memory(MemoryCache::new(Duration::from_secs(TTL_SECONDS)));
    [(Box::new(server), one), (Box::new(cluster), many), (Box::new(()), own)]
}

#[tokio::test]
async fn values_come_back_in_the_order_of_the_keys() {
    for (_server, cache) in all_kinds().await {
        store(&cache, "a@x.com", "1").await;
        store(&cache, "c@x.com", "3").await;
        let keys = ["c@x.com", "b@x.com", "a@x.com", "c@x.com"].map(key);
        let expected = [Some(record("3")), None, Some(record("1")), Some(record("3"))];
        assert_eq!(cache.get(&keys).await.unwrap(), expected);
        assert_eq!(cache.get(&keys[..1]).await.unwrap(), expected[..1]);
    }
}

#[tokio::test]
async fn a_value_is_taken_only_while_the_token_is_the_one_that_its_reader_noted() {
    for (_server, cache) in all_kinds().await {
        let before = note(&cache, ADA).await;
        let fence = Fence::new();
        cache.raise(&key(ADA), &fence).await.unwrap();
        fill(&cache, ADA, &before, "old").await;
        assert_eq!(value(&cache, ADA).await, None, "a writer is at work");

        cache.lift([(&key(ADA), fence.as_str())]).await.unwrap();
        fill(&cache, ADA, &before, "old").await;
        assert_eq!(value(&cache, ADA).await, None, "a writer was at work");

        store(&cache, ADA, "new").await;
        fill(&cache, ADA, &before, "old").await;
        assert_eq!(value(&cache, ADA).await, Some(record("new")));
    }
}

#[tokio::test]
async fn readers_who_note_a_token_one_after_the_other_note_the_same() {
    for (_server, cache) in all_kinds().await {
        let first = note(&cache, ADA).await;
        assert_eq!(note(&cache, ADA).await, first);
        assert!(!first.is_fence());
    }
}

#[tokio::test]
async fn raising_and_lifting_a_fence_drop_the_value() {
    for (_server, cache) in all_kinds().await {
        store(&cache, ADA, "old").await;
        let fence = Fence::new();
        cache.raise(&key(ADA), &fence).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None);

        store(&cache, ADA, "planted").await;
        cache.lift([(&key(ADA), fence.as_str())]).await.unwrap();
        assert_eq!(value(&cache, ADA).await, None);
        assert!(!note(&cache, ADA).await.is_fence());
    }
}

#[tokio::test]
async fn somebody_elses_fence_stays_up() {
    for (_server, cache) in all_kinds().await {
        let (mine, theirs) = (Fence::new(), Fence::new());
        cache.raise(&key(ADA), &mine).await.unwrap();
        cache.raise(&key(ADA), &theirs).await.unwrap();
        cache.lift([(&key(ADA), mine.as_str())]).await.unwrap();
        assert!(note(&cache, ADA).await.is_fence());
        cache.lift([(&key(ADA), theirs.as_str())]).await.unwrap();
        assert!(!note(&cache, ADA).await.is_fence());
    }
}

#[tokio::test]
async fn lifting_what_was_never_raised_turns_readers_away_all_the_same() {
    for (_server, cache) in all_kinds().await {
        let (a, b) = (key("a@x.com"), key("b@x.com"));
        let before = note(&cache, "b@x.com").await;
        cache.lift([(&a, "writing:lost"), (&b, "writing:lost too")]).await.unwrap();
        fill(&cache, "b@x.com", &before, "old").await;
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

/// What any cache has to do, for one person: a value and the token that stands there, numbered as they come.
#[derive(Default)]
struct Model {
    value: Option<u8>,
    token: Option<Standing>,
    noted: Option<Standing>,
    notes: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Reader(u32),
    Writer(usize),
}

impl Model {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Note => {
                self.notes += 1;
                self.noted = Some(*self.token.get_or_insert(Standing::Reader(self.notes)));
            }
            Op::Fill(value) if self.noted == self.token => self.value = Some(*value),
            Op::Fill(_) => (),
            Op::Fence(writer) => {
                self.value = None;
                self.token = Some(Standing::Writer(*writer));
            }
            Op::Lift(writer) => {
                self.value = None;
                self.token.take_if(|token| !matches!(token, Standing::Writer(other) if other != writer));
            }
        }
    }
}

async fn apply(cache: &Cache, noted: &mut Token, op: &Op, writers: &[Fence]) {
    match op {
        Op::Note => *noted = note(cache, ADA).await,
        Op::Fill(value) => fill(cache, ADA, noted, &value.to_string()).await,
        Op::Fence(writer) => cache.raise(&key(ADA), &writers[*writer]).await.unwrap(),
        Op::Lift(writer) => cache.lift([(&key(ADA), writers[*writer].as_str())]).await.unwrap(),
    }
}

#[test]
fn any_sequence_of_readers_and_writers_leaves_what_it_should() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kinds = runtime.block_on(all_kinds());
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
                let writers = [Fence::new(), Fence::new()];
                runtime.block_on(async {
                    cache.raise(&key(ADA), &writers[0]).await.unwrap();
                    cache.lift([(&key(ADA), writers[0].as_str())]).await.unwrap();
                    let (mut model, mut noted) = (Model::default(), note(cache, ADA).await);
                    model.apply(&Op::Note);
                    for op in &ops {
                        model.apply(op);
                        apply(cache, &mut noted, op, &writers).await;
                        let found = value(cache, ADA).await;
                        assert_eq!(found, model.value.map(|value| record(&value.to_string())));
                    }
                });
            }
            Ok(())
        })
        .unwrap();
}
