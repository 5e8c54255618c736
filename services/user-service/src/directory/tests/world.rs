use std::time::Duration;

use prometheus::{Registry, TextEncoder};
use sql_store::Db;
use testkit::{
    TcpProxy,
    servers::{Redis, RedisOptions},
};
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    cache::{Cache, MemoryCache},
    conditions::Conditions,
    db::People,
    directory::{
        Directory, DirectoryError, Tuning,
        failpoints::{Failpoint, Failpoints, Stop},
    },
    metrics::CacheMetrics,
    record::Record,
    test_support::{ADA, TestDatabase, key, person, redis_cache, version},
};

/// Longer than any test takes: only a sweep ends a wait, and no lease runs out by itself.
pub(super) const LONG: Duration = Duration::from_secs(600);
pub(super) const TUNING: Tuning = Tuning { sweep_every: LONG, lease: LONG, queries: 2 };
/// Of a command of Redis: no test is about it unless Redis is made to hang, and a busy machine may be slow.
const PATIENT: Duration = Duration::from_secs(20);
const IMPATIENT: Duration = Duration::from_millis(150);

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
    pub(super) async fn impatient() -> World {
        World { redis_deadline: IMPATIENT, ..World::servers().await }
    }

    /// PostgreSQL, and a Redis that keeps its values when it is killed.
    pub(super) async fn with_durable_redis() -> World {
        World::with(RedisOptions { durable: true, ..RedisOptions::default() }).await
    }

    async fn with(options: RedisOptions) -> World {
        let redis = Redis::start_with(options).await.unwrap();
        let cache = SharedCache::Redis(Box::new(redis));
        World { database: TestDatabase::postgres().await, cache, redis_deadline: PATIENT }
    }

    /// A file and a cache in this process, which replicas can share here only because they are in one process too.
    pub(super) fn embedded() -> World {
        let cache = SharedCache::Memory(MemoryCache::new(LONG));
        World { database: TestDatabase::sqlite(), cache, redis_deadline: PATIENT }
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
        let directory =
            Directory::with_failpoints(People::new(db), cache, tuning, metrics, tasks, failpoints);
        Replica { directory, link, registry }
    }
}

/// One of several processes, as it were.
pub(super) struct Replica {
    pub(super) directory: Directory,
    link: Option<TcpProxy>,
    registry: Registry,
}

impl Replica {
    pub(super) fn link(&self) -> &TcpProxy {
        self.link.as_ref().unwrap()
    }

    /// Starts sweeping and waits until the cache has been looked for.
    pub(super) async fn prepare(&self, stopping: &CancellationToken) {
        assert!(!self.directory.is_prepared());
        self.directory.start_sweeping(stopping);
        while !self.directory.is_prepared() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn create(&self, version: u32) {
        let now = wire::Timestamp::now();
        self.directory.create(&person(ADA, version), now).await.unwrap();
    }

    pub(super) async fn read(&self) -> Option<u32> {
        self.find(ADA).await.unwrap()
    }

    /// The version of somebody that a read gives.
    pub(super) async fn find(&self, address: &str) -> Result<Option<u32>, DirectoryError> {
        Ok(self.directory.find_one(key(address)).await?.as_ref().map(version))
    }

    /// A read of Ada in a task of its own.
    pub(super) fn spawn_read(&self) -> JoinHandle<Option<u32>> {
        let directory = self.directory.clone();
        tokio::spawn(async move { directory.find_one(key(ADA)).await.unwrap().as_ref().map(version) })
    }

    pub(super) async fn replace(&self, version: u32) {
        assert!(self.try_replace(version).await.unwrap().is_some());
    }

    pub(super) async fn try_replace(&self, version: u32) -> Result<Option<Record>, DirectoryError> {
        self.directory.replace(&person(ADA, version), Conditions::default()).await
    }

    /// A replacement in a task of its own.
    pub(super) fn spawn_replace(&self, version: u32) -> JoinHandle<Result<Option<Record>, DirectoryError>> {
        let directory = self.directory.clone();
        tokio::spawn(async move { directory.replace(&person(ADA, version), Conditions::default()).await })
    }

    pub(super) async fn remove(&self) -> Result<bool, DirectoryError> {
        self.directory.remove(key(ADA), Conditions::default()).await
    }

    /// Waits until a command has shown that the line to the cache is cut.
    pub(super) async fn notices_the_cut(&self) {
        while self.directory.uses_cache() {
            tokio::task::yield_now().await;
        }
    }

    /// Cuts the line to the cache, and mends it.
    pub(super) async fn cut_for_a_moment(&self) {
        self.link().cut().await;
        self.link().heal().await.unwrap();
    }

    pub(super) async fn mend_and_sweep(&self) {
        self.link().heal().await.unwrap();
        self.directory.sweep_once().await;
    }

    /// Waits for all that was begun.
    pub(super) async fn finish_tasks(&self) {
        self.directory.shared.tasks.close();
        self.directory.shared.tasks.wait().await;
    }

    pub(super) async fn cached(&self) -> Option<u32> {
        let found = self.directory.cache().get(&[key(ADA)]).await.unwrap().remove(0);
        found.map(|record| version(&record))
    }

    /// How many reads had this outcome so far.
    pub(super) fn reads(&self, outcome: &str) -> u64 {
        let page = TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
        let line = format!("people_cache_reads_total{{outcome=\"{outcome}\"}} ");
        page.lines().find_map(|text| text.strip_prefix(&line)?.parse().ok()).unwrap()
    }
}

/// What `event` gives, which comes before `waiting` is over.
pub(super) async fn before<T>(
    waiting: &mut (impl Future<Output = ()> + Unpin),
    event: impl Future<Output = T>,
) -> T {
    tokio::select! {
        () = waiting => panic!("it was not let go"),
        event = event => event,
    }
}

/// Somebody reaches this point next.
pub(super) async fn stop_at(stops: &mut UnboundedReceiver<Stop>, point: Failpoint) -> Stop {
    let stop = stops.recv().await.unwrap();
    assert_eq!(stop.point, point);
    stop
}

/// Lets whoever comes go on, until this point, where they stand.
pub(super) async fn run_to(stops: &mut UnboundedReceiver<Stop>, point: Failpoint) -> Stop {
    loop {
        let stop = stops.recv().await.unwrap();
        if stop.point == point {
            return stop;
        }
        stop.go();
    }
}

/// Stops nobody any more.
pub(super) fn run_freely(stops: &mut UnboundedReceiver<Stop>) {
    stops.close();
    while let Ok(stop) = stops.try_recv() {
        stop.go();
    }
}
