mod connection;
mod counts;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use redis::{Client, FromRedisValue, Pipeline, aio::MultiplexedConnection, cmd, pipe};
use tokio::sync::Notify;

use super::{
    CacheError, FENCE_LIFE, FailureCause, Fence, Fill, RedisMetrics, Token,
    failure::Outage,
    scripts::{FILL, LIFT, NOTE, RAISE},
};
use crate::{key::Key, record::Record};

/// How long a reader has for its query and its fill. Short, for whoever asks for unknown people makes tokens too.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(10);

pub(super) const VALUE: &str = "cache_aside_";

fn value_key(key: &Key) -> String {
    format!("{VALUE}{key}")
}

fn token_key(key: &Key) -> String {
    format!("cache_fence_{key}")
}

/// Records in a Redis: value `cache_aside_{KEY}`, token `cache_fence_{KEY}`. Clones are the same cache.
///
/// Commands share one connection, on which they are sent without waiting for each other's answers. A connection that
/// failed is not replaced behind the back of those who use it, which is what redis's own `ConnectionManager` would do:
/// nothing may be read from a new one before its server is checked, so only [`RedisCache::connect`] makes it.
#[derive(Clone)]
pub(crate) struct RedisCache(Arc<Inner>);

struct Inner {
    client: Client,
    ttl_seconds: u64,
    /// Of a command. A ping, which decides about the connection, has twice as long, and each step of connecting four times.
    deadline: Duration,
    connection: RwLock<Option<Connection>>,
    connections_made: AtomicU64,
    /// A command has timed out, and a ping is to show whether anybody is there.
    suspected: AtomicBool,
    disconnected: Notify,
    reconnected: Notify,
    outage: Mutex<Outage>,
    metrics: RedisMetrics,
}

#[derive(Clone)]
struct Connection {
    number: u64,
    line: MultiplexedConnection,
}

impl RedisCache {
    /// Prepares the use of a Redis without connecting to it. Values live for `ttl_seconds`, from 1.
    pub(crate) fn new(
        client: Client,
        ttl_seconds: u64,
        deadline: Duration,
        metrics: RedisMetrics,
    ) -> RedisCache {
        RedisCache(Arc::new(Inner {
            client,
            ttl_seconds,
            deadline,
            connection: RwLock::default(),
            connections_made: AtomicU64::new(0),
            suspected: AtomicBool::new(false),
            disconnected: Notify::new(),
            reconnected: Notify::new(),
            outage: Mutex::default(),
            metrics,
        }))
    }

    pub(crate) async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, CacheError> {
        let mut connection = self.connection()?;
        let texts: Vec<Option<Bytes>> = match keys {
            [key] => {
                let get = async { cmd("GET").arg(value_key(key)).query_async(&mut connection.line).await };
                vec![self.answer(connection.number, "read", "GET", get).await?]
            }
            keys => {
                let mut command = cmd("MGET");
                command.arg(keys.iter().map(value_key).collect::<Vec<_>>());
                let get = command.query_async(&mut connection.line);
                self.answer(connection.number, "read", "MGET", get).await?
            }
        };
        Ok(texts.into_iter().map(|text| text.map(Record::cached)).collect())
    }

    pub(crate) async fn note(&self, keys: &[Key]) -> Result<Vec<Token>, CacheError> {
        let (mut scripts, fresh) = (pipe(), Token::fresh());
        for key in keys {
            scripts.cmd("EVAL").arg(NOTE).arg(1).arg(token_key(key)).arg(TOKEN_LIFE.as_secs()).arg(&fresh);
        }
        let connection = self.connection()?;
        let number = connection.number;
        let texts: Vec<String> = self.run(connection, &scripts).await?;
        Ok(texts.into_iter().map(|text| Token { text, connection: number }).collect())
    }

    pub(crate) async fn fill(&self, fills: &[Fill]) -> Result<(), CacheError> {
        let connection = self.connection()?;
        let mut scripts = pipe();
        for fill in fills.iter().filter(|fill| fill.token.connection == connection.number) {
            script(&mut scripts, FILL, &fill.key).arg(self.0.ttl_seconds);
            scripts.arg(&fill.token.text).arg(fill.record.as_bytes().as_ref());
        }
        if scripts.is_empty() { Ok(()) } else { self.run(connection, &scripts).await }
    }

    pub(crate) async fn raise(&self, key: &Key, fence: &Fence) -> Result<(), CacheError> {
        let mut scripts = pipe();
        script(&mut scripts, RAISE, key).arg(FENCE_LIFE.as_secs()).arg(fence.as_str());
        self.run(self.connection()?, &scripts).await
    }

    pub(crate) async fn lift<'a>(
        &self,
        fences: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        let mut scripts = pipe();
        for (key, fence) in fences {
            script(&mut scripts, LIFT, key).arg(fence);
        }
        self.run(self.connection()?, &scripts).await
    }

    /// Shows in the metrics whether this replica uses the cache.
    pub(crate) fn show_use(&self, in_use: bool) {
        self.0.metrics.in_use.set(i64::from(in_use));
    }

    /// Why the cache is not in use, in words that anybody may read.
    pub(crate) fn failure(&self) -> Option<FailureCause> {
        self.0.outage.lock().cause
    }

    async fn run<T: FromRedisValue>(
        &self,
        connection: Connection,
        scripts: &Pipeline,
    ) -> Result<T, CacheError> {
        let Connection { number, mut line } = connection;
        self.answer(number, "script", "EVAL", scripts.query_async(&mut line)).await
    }
}

/// Appends a script that is about both keys of a person.
fn script<'a>(scripts: &'a mut Pipeline, script: &str, key: &Key) -> &'a mut Pipeline {
    scripts.cmd("EVAL").arg(script).arg(2).arg(value_key(key)).arg(token_key(key))
}
