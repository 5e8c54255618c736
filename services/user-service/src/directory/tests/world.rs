use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use prometheus::{Registry, TextEncoder};
use sql_store::Db;
use testkit::{
    TcpProxy,
    servers::{Redis, RedisOptions},
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    cache::{Cache, MemoryCache},
    conditions::Conditions,
    db::People,
    directory::{
        Directory, Tuning,
        failpoints::{Failpoint, Failpoints, Stop},
    },
    metrics::CacheMetrics,
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
        self.start(self.database.open().await, TUNING, Failpoints::default()).await
    }

    /// A replica that has not looked for the cache yet.
    pub(super) async fn new_replica(&self) -> Replica {
        self.start_new(self.database.open().await, TUNING, Failpoints::default()).await
    }

    /// A replica whose reads and writes stop at each failpoint.
    pub(super) async fn stopping_replica(&self) -> (Replica, UnboundedReceiver<Stop>) {
        self.stopping_replica_with(TUNING).await
    }

    pub(super) async fn stopping_replica_with(&self, tuning: Tuning) -> (Replica, UnboundedReceiver<Stop>) {
        let (failpoints, stops) = Failpoints::watched();
        (self.start(self.database.open().await, tuning, failpoints).await, stops)
    }

    pub(super) async fn replica_with(&self, tuning: Tuning) -> Replica {
        self.start(self.database.open().await, tuning, Failpoints::default()).await
    }

    /// A replica, its stops, and the line to its database.
    pub(super) async fn replica_behind_proxy(&self) -> (Replica, UnboundedReceiver<Stop>, TcpProxy) {
        let (replica, stops, line) = self.new_replica_behind_proxy(TUNING).await;
        replica.directory.sweep_once().await;
        (replica, stops, line)
    }

    /// The same, which has not looked for the cache yet.
    pub(super) async fn new_replica_behind_proxy(
        &self,
        tuning: Tuning,
    ) -> (Replica, UnboundedReceiver<Stop>, TcpProxy) {
        let mut options = self.database.options.clone();
        let mut url: Url = options.dsn.as_deref().unwrap().parse().unwrap();
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, url.port().unwrap()));
        let line = TcpProxy::start(server).await.unwrap();
        url.set_port(Some(line.port())).unwrap();
        options.dsn = Some(url.into());
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
        self.directory.find_one(key(ADA)).await.unwrap().map(|record| version(&record))
    }

    pub(super) async fn replace(&self, version: u32) {
        assert!(
            self.directory.replace(&person(ADA, version), Conditions::default()).await.unwrap().is_some()
        );
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
pub(super) fn run_freely(mut stops: UnboundedReceiver<Stop>) {
    stops.close();
    while let Ok(stop) = stops.try_recv() {
        stop.go();
    }
}
