use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::value_parser;
use prometheus::Registry;
use redis::{Client, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, TlsCertificates};
use service_kit::Secret;
use sql_store::OpenOptions;

use crate::{
    DATABASE_FILE, Stores,
    cache::{Cache, MemoryCache, RedisCache, RedisMetrics},
    live::Hints,
};

/// Longest time for one command of Redis; what takes longer is read from the database.
const REDIS_DEADLINE: Duration = Duration::from_millis(250);

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
    #[arg(long, env = "REDIS_HOST", value_parser = host, value_name = "HOST", global = true)]
    pub redis_host: Option<String>,

    /// Redis's port.
    #[arg(long, env = "REDIS_PORT", default_value_t = 6379, value_parser = value_parser!(u16).range(1..), value_name = "PORT", global = true)]
    pub redis_port: u16,

    /// User of Redis's ACL; without one the default user.
    #[arg(long, env = "REDIS_USERNAME", value_name = "NAME", requires = "redis_password", global = true)]
    pub redis_username: Option<String>,

    /// Password of Redis's user, or file:/path to it.
    #[arg(long, env = "REDIS_PASSWORD", hide_env_values = true, value_name = "PASSWORD", global = true)]
    pub redis_password: Option<Secret>,

    /// Speak TLS to Redis, whose certificate is for its host and from an authority that this machine knows.
    #[arg(long, env = "REDIS_TLS", global = true)]
    pub redis_tls: bool,

    /// Speak TLS to Redis, and know no other authorities than those in this PEM file.
    #[arg(long, env = "REDIS_CA_FILE", value_name = "FILE", global = true)]
    pub redis_ca_file: Option<PathBuf>,

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
        let cache = self.cache(registry).context("Redis cannot be used with these settings")?;
        Ok(Stores { database: self.database(), cache, hints: self.hints()? })
    }

    fn cache(&self, registry: &Registry) -> anyhow::Result<Cache> {
        let Some(host) = &self.redis_host else {
            return Ok(match self.pg_dsn {
                Some(_) => Cache::Off,
                None => Cache::Memory(MemoryCache::new(Duration::from_secs(self.ttl_seconds))),
            });
        };
        let (client, metrics) = (self.redis_client(host)?, RedisMetrics::register(registry)?);
        Ok(Cache::Redis(RedisCache::new(client, self.ttl_seconds, REDIS_DEADLINE, metrics)))
    }

    /// How the replicas tell each other of changes to polls.
    fn hints(&self) -> anyhow::Result<Hints> {
        Ok(match &self.redis_host {
            Some(host) => Hints::by_redis(self.redis_client(host)?),
            None => Hints::Alone,
        })
    }

    fn redis_client(&self, host: &str) -> anyhow::Result<Client> {
        let (host, port) = (host.to_owned(), self.redis_port);
        let with_tls = self.redis_tls || self.redis_ca_file.is_some();
        let address = match with_tls {
            true => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
            false => ConnectionAddr::Tcp(host, port),
        };
        let mut user = RedisConnectionInfo::default();
        if let Some(name) = &self.redis_username {
            user = user.set_username(name);
        }
        if let Some(password) = &self.redis_password {
            user = user.set_password(password.expose());
        }
        let server = address.into_connection_info()?.set_redis_settings(user);
        let Some(file) = &self.redis_ca_file else { return Ok(Client::open(server)?) };
        let authorities = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(authorities) };
        Client::build_with_tls(server, certificates)
            .with_context(|| format!("{} is no PEM file", file.display()))
    }
}

/// A host's name or address alone: with a scheme or a port it could not be found, again and again.
fn host(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_plain && !label.is_empty() && !label.starts_with('-')
    };
    if text.strip_suffix('.').unwrap_or(text).split('.').all(is_label)
        || text.parse::<std::net::IpAddr>().is_ok()
    {
        Ok(text.to_owned())
    } else {
        Err("give the host alone, as in redis.example.com; the port has a setting of its own".to_owned())
    }
}
