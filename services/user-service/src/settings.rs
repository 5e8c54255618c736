use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, value_parser};
use service_kit::{Secret, ServeArgs};
use sql_store::OpenOptions;

use crate::{
    NAME,
    cache::{Cache, CacheError, MemoryCache, RedisCache, RedisSettings},
};

/// Longest time for one command of Redis; what takes longer is read from the database.
const REDIS_DEADLINE: Duration = Duration::from_millis(250);

/// The settings of the service.
#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Keeps people and the hours on which they are free")]
pub struct Args {
    /// What every service has.
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Where the people are.
    #[command(flatten)]
    pub stores: StoreArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Wait for the database, bring its tables up to date, and end.
    Migrate,
}

/// Where the people are kept and cached.
#[derive(clap::Args, Clone, Debug)]
pub struct StoreArgs {
    /// PostgreSQL's connection string, or file:/path to it; without it people are kept in an SQLite file.
    #[arg(long, env = "PG_DSN", hide_env_values = true, value_name = "DSN", global = true)]
    pub pg_dsn: Option<Secret>,

    /// Most connections to PostgreSQL.
    #[arg(long, env = "PG_MAX_CONNECTIONS", default_value_t = 16, value_parser = value_parser!(u32).range(1..=1_000), value_name = "NUMBER", global = true)]
    pub pg_max_connections: u32,

    /// Folder of the SQLite file users.db.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "FOLDER", global = true)]
    pub data_dir: PathBuf,

    /// Redis's host. Without it people on PostgreSQL are not cached, and those in a file are cached in this process.
    #[arg(long, env = "REDIS_HOST", value_name = "HOST", global = true)]
    pub redis_host: Option<String>,

    /// Redis's port.
    #[arg(long, env = "REDIS_PORT", default_value_t = 6379, value_name = "PORT", global = true)]
    pub redis_port: u16,

    /// Password of Redis's default user, or file:/path to it.
    #[arg(long, env = "REDIS_PASSWORD", hide_env_values = true, value_name = "PASSWORD", global = true)]
    pub redis_password: Option<Secret>,

    /// How long a person stays in the cache.
    #[arg(long, env = "TTL_SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(1..=86_400), value_name = "SECONDS", global = true)]
    pub ttl_seconds: u64,
}

impl StoreArgs {
    /// A file in the folder `data_dir` and a cache in this process.
    pub fn embedded(data_dir: PathBuf, ttl_seconds: u64) -> StoreArgs {
        StoreArgs {
            pg_dsn: None,
            pg_max_connections: 1,
            data_dir,
            redis_host: None,
            redis_port: 6379,
            redis_password: None,
            ttl_seconds,
        }
    }

    pub(crate) fn database(&self) -> OpenOptions {
        let dsn = self.pg_dsn.as_ref().map(|dsn| dsn.expose().to_owned());
        let options = OpenOptions::new(dsn, self.data_dir.join("users.db"));
        OpenOptions { max_connections: self.pg_max_connections, ..options }
    }

    pub(crate) fn cache(&self) -> Result<Cache, CacheError> {
        Ok(match (&self.redis_host, &self.pg_dsn) {
            (Some(host), _) => {
                let password = self.redis_password.as_ref().map(|password| password.expose().to_owned());
                let settings = RedisSettings {
                    host: host.clone(),
                    port: self.redis_port,
                    password,
                    ttl_seconds: self.ttl_seconds,
                    deadline: REDIS_DEADLINE,
                };
                Cache::Redis(Box::new(RedisCache::new(settings)?))
            }
            (None, Some(_)) => Cache::Off,
            (None, None) => Cache::Memory(MemoryCache::new(Duration::from_secs(self.ttl_seconds))),
        })
    }
}
