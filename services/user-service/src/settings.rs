use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::value_parser;
use prometheus::Registry;
use service_kit::Secret;
use sql_store::OpenOptions;

use crate::{
    DATABASE_FILE, Stores,
    cache::{Cache, MemoryCache, RedisCache, RedisMetrics},
    live::Hints,
    redis_servers::RedisServers,
    redis_settings::RedisArgs,
};

/// Longest time for one command of Redis; what takes longer is read from the database.
const REDIS_DEADLINE: Duration = Duration::from_millis(250);

/// Where the people are kept and cached.
#[derive(clap::Args, Clone, Debug)]
pub struct StoreArgs {
    /// PostgreSQL's connection string, or file:/path to it; without it people are kept in an SQLite file. It may have several
    /// hosts, separated by commas, of which the first that takes writes is used. Behind a pooler in transaction mode it has the
    /// parameter pooler=transaction.
    #[arg(long, env = "PG_DSN", hide_env_values = true, value_name = "DSN", global = true)]
    pub pg_dsn: Option<Secret>,

    /// Most connections to PostgreSQL.
    #[arg(long, env = "PG_MAX_CONNECTIONS", default_value_t = 16, value_parser = value_parser!(u32).range(1..=1_000), value_name = "NUMBER", global = true)]
    pub pg_max_connections: u32,

    /// Folder of the SQLite file users.db.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "FOLDER", global = true)]
    pub data_dir: PathBuf,

    /// Where Redis is.
    #[command(flatten)]
    pub redis: RedisArgs,

    /// How long a person stays in the cache.
    #[arg(long, env = "TTL_SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(1..=86_400), value_name = "SECONDS", global = true)]
    pub ttl_seconds: u64,
}

impl StoreArgs {
    pub(crate) fn database(&self) -> OpenOptions {
        let dsn = self.pg_dsn.as_ref().map(|dsn| dsn.expose().to_owned());
        let options = OpenOptions::new(dsn, self.data_dir.join(DATABASE_FILE));
        OpenOptions { table: Some("people"), max_connections: self.pg_max_connections, ..options }
    }

    /// These stores, none of which is asked yet.
    ///
    /// # Errors
    /// When Redis's settings can never work.
    pub fn stores(&self, registry: &Registry) -> anyhow::Result<Stores> {
        let servers = self.redis.servers().context("Redis cannot be used with these settings")?;
        let cache = self.cache(servers.as_ref(), registry)?;
        // How the replicas tell each other of changes to polls.
        let hints = servers.map_or(Hints::Alone, Hints::by_redis);
        Ok(Stores { database: self.database(), cache, hints })
    }

    fn cache(&self, servers: Option<&RedisServers>, registry: &Registry) -> anyhow::Result<Cache> {
        let Some(servers) = servers.cloned() else {
            return Ok(match self.pg_dsn {
                Some(_) => Cache::Off,
                None => Cache::Memory(MemoryCache::new(Duration::from_secs(self.ttl_seconds))),
            });
        };
        let metrics = RedisMetrics::register(registry)?;
        Ok(Cache::Redis(RedisCache::new(servers, self.ttl_seconds, REDIS_DEADLINE, metrics)))
    }
}
