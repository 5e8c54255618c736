use std::time::Duration;

use prometheus::Registry;
use sql_store::Db;
use testkit::{
    TcpProxy,
    servers::{Redis, RedisOptions},
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::TaskTracker;

use super::service_replica::Replica;
use crate::{
    cache::{Cache, MemoryCache},
    db::People,
    directory::{
        Directory, Tuning,
        failpoints::{Failpoints, Stop},
    },
    metrics::CacheMetrics,
    test_support::{ADA, TestDatabase, key, redis_cache},
};

/// Longer than any test takes: only a sweep ends a wait, and no lease runs out by itself.
pub(super) const LONG: Duration = Duration::from_secs(600);
pub(super) const TUNING: Tuning = Tuning { sweep_every: LONG, lease: LONG, queries: 2 };
/// Of a command of Redis: no test is about it unless Redis is made to hang, and a busy machine may be slow.
const LONG_DEADLINE: Duration = Duration::from_secs(20);
const SHORT_DEADLINE: Duration = Duration::from_millis(150);

/// The stores that the replicas of one test share.
pub(super) struct World {
    database: TestDatabase,
    cache: SharedCache,
    redis_deadline: Duration,
}

enum SharedCache {
    Memory(MemoryCache),
    Redis(Box<Redis>),
}

impl World {
    pub(super) async fn servers() -> World {
        World::with(RedisOptions::default()).await
    }

    /// PostgreSQL, and a Redis that is not waited for when it hangs.
    pub(super) async fn with_short_redis_deadline() -> World {
        World { redis_deadline: SHORT_DEADLINE, ..World::servers().await }
    }

    /// PostgreSQL, and a Redis that keeps its values when it is killed.
    pub(super) async fn with_durable_redis() -> World {
        World::with(RedisOptions { durable: true, ..RedisOptions::default() }).await
    }

    async fn with(options: RedisOptions) -> World {
        let redis = Redis::start_with(options).await.unwrap();
        let cache = SharedCache::Redis(Box::new(redis));
        World { database: TestDatabase::postgres().await, cache, redis_deadline: LONG_DEADLINE }
    }

    /// A file and a cache in this process, which replicas can share here only because they are in one process too.
    pub(super) fn embedded() -> World {
        let cache = SharedCache::Memory(MemoryCache::new(LONG));
        World { database: TestDatabase::sqlite(), cache, redis_deadline: LONG_DEADLINE }
    }

    /// PostgreSQL and Redis, and a replica that has read Ada's first version, so that it is in the cache.
    pub(super) async fn with_ada() -> (World, Replica) {
        let world = World::servers().await;
        let replica = world.replica().await;
        replica.create(1).await;
        assert_eq!(replica.read().await, Some(1));
        (world, replica)
    }

    pub(super) async fn both() -> [World; 2] {
        [World::servers().await, World::embedded()]
    }

    pub(super) fn redis(&mut self) -> &mut Redis {
        match &mut self.cache {
            SharedCache::Redis(redis) => redis,
            SharedCache::Memory(_) => panic!("this world has no Redis"),
        }
    }

    /// Ends the life of Ada's token, as time would.
    pub(super) async fn end_token_life(&mut self) {
        match &self.cache {
            SharedCache::Memory(cache) => cache.forget_token(&key(ADA)),
            SharedCache::Redis(redis) => {
                let client = redis::Client::open(redis.url()).unwrap();
                let mut line = client.get_multiplexed_async_connection().await.unwrap();
                let token = redis::cmd("DEL").arg(format!("cache_fence_{}", key(ADA))).to_owned();
                let () = token.query_async(&mut line).await.unwrap();
            }
        }
    }

    /// A replica that uses the cache already.
    pub(super) async fn replica(&self) -> Replica {
        self.replica_with(TUNING).await
    }

    /// A replica that has not looked for the cache yet.
    pub(super) async fn new_replica(&self) -> Replica {
        self.start_new(self.database.open().await, TUNING, Failpoints::default()).await
    }

    /// A replica whose reads and writes stop at each failpoint.
    pub(super) async fn stopping_replica(&self) -> (Replica, UnboundedReceiver<Stop>) {
        let (failpoints, stops) = Failpoints::watched();
        (self.start(self.database.open().await, TUNING, failpoints).await, stops)
    }

    pub(super) async fn replica_with(&self, tuning: Tuning) -> Replica {
        self.start(self.database.open().await, tuning, Failpoints::default()).await
    }

    /// A replica, its stops, and the line to its database.
    pub(super) async fn stopping_replica_behind_proxy(&self) -> (Replica, UnboundedReceiver<Stop>, TcpProxy) {
        let (replica, stops, line) = self.new_replica_behind_proxy(TUNING).await;
        replica.directory.sweep_once().await;
        (replica, stops, line)
    }

    /// A replica that stops nowhere, and the line to its database.
    pub(super) async fn replica_behind_proxy(&self) -> (Replica, TcpProxy) {
        let (replica, stops, line) = self.stopping_replica_behind_proxy().await;
        drop(stops);
        (replica, line)
    }

    /// As [`World::stopping_replica_behind_proxy`]; it has not looked for the cache yet.
    pub(super) async fn new_replica_behind_proxy(
        &self,
        tuning: Tuning,
    ) -> (Replica, UnboundedReceiver<Stop>, TcpProxy) {
        let mut options = self.database.options.clone();
        let (line, dsn) = TcpProxy::before(options.dsn.as_deref().unwrap()).await.unwrap();
        options.dsn = Some(dsn);
        options.acquire_deadline = Duration::from_secs(2);
        options.statement_deadline = Duration::from_secs(2);
        let db = Db::open(options).await.unwrap();
        db.migrate(&crate::MIGRATIONS).await.unwrap();
        let (failpoints, stops) = Failpoints::watched();
        (self.start_new(db, tuning, failpoints).await, stops, line)
    }

    async fn start(&self, db: Db, tuning: Tuning, failpoints: Failpoints) -> Replica {
        let replica = self.start_new(db, tuning, failpoints).await;
        replica.directory.sweep_once().await;
        replica
    }

    async fn start_new(&self, db: Db, tuning: Tuning, failpoints: Failpoints) -> Replica {
        let (cache, link) = match &self.cache {
            SharedCache::Memory(cache) => (Cache::Memory(cache.clone()), None),
            SharedCache::Redis(redis) => {
                let link = TcpProxy::start(redis.address()).await.unwrap();
                (Cache::Redis(redis_cache(link.port(), self.redis_deadline)), Some(link))
            }
        };
        let registry = Registry::new();
        let metrics = CacheMetrics::register(&registry).unwrap();
        let tasks = TaskTracker::new();
        let directory = Directory::new(People::new(db), cache, tuning, metrics, tasks, failpoints);
        Replica { directory, link, registry }
    }
}
