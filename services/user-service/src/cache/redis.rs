mod connection;
mod counts;
mod lines;

pub(super) use lines::Lines;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use redis::{FromRedisValue, Pipeline, cmd};
use tokio::sync::Notify;

use super::{
    CacheError, FENCE_LIFE, FailureCause, Fence, Fill, RedisMetrics, Token,
    failure::Outage,
    scripts::{FILL, LIFT, NOTE, RAISE},
};
use crate::{
    key::Key,
    record::Record,
    redis_servers::{RedisServers, fence_key_in_slot_of},
};

/// How long a reader has for its query and its fill. Short, for whoever asks for unknown people makes tokens too.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(10);

pub(super) const VALUE: &str = "cache_aside_";
pub(super) const TOKEN: &str = "cache_fence_";

fn value_key(key: &Key) -> String {
    format!("{VALUE}{key}")
}

/// Of a token. In a cluster it has to be where the value is; elsewhere it is as in earlier releases, which may run beside
/// this one.
fn token_key(key: &Key, is_cluster: bool) -> String {
    match is_cluster {
        true => fence_key_in_slot_of(&value_key(key)),
        false => format!("{TOKEN}{key}"),
    }
}

/// Records in a Redis. Clones are the same cache.
///
/// Commands share one connection, a line to each server that has keys, on which they are sent without waiting for each
/// other's answers. A connection that failed is not replaced behind the back of those who use it, which is what redis's
/// own `ConnectionManager` and `ClusterConnection` would do: nothing may be read from a new one before its servers are
/// checked, so it is made by [`RedisCache::open`] and used after [`RedisCache::admit`].
#[derive(Clone)]
pub(crate) struct RedisCache(Arc<Inner>);

struct Inner {
    servers: RedisServers,
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
    lines: Lines,
    /// The number of the agreement on its servers, where others may take over from them.
    agreement: Option<i64>,
}

impl RedisCache {
    /// Prepares the use of a Redis without connecting to it. Values live for `ttl_seconds`, from 1.
    pub(crate) fn new(
        servers: RedisServers,
        ttl_seconds: u64,
        deadline: Duration,
        metrics: RedisMetrics,
    ) -> RedisCache {
        RedisCache(Arc::new(Inner {
            servers,
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
        let connection = self.connection()?;
        let names: Vec<String> = keys.iter().map(value_key).collect();
        let texts: Vec<Option<Bytes>> = match names.as_slice() {
            [name] => {
                let get = async { cmd("GET").arg(name).query_async(&mut connection.lines.of(name)).await };
                vec![self.answer(connection.number, "read", "GET", get).await?]
            }
            // A cluster takes no command about keys of several slots.
            names if self.is_cluster() => {
                let get = connection.lines.about_each(names, |commands, number| {
                    commands.cmd("GET").arg(&names[number]);
                });
                self.answer(connection.number, "read", "GET", get).await?
            }
            names => {
                let mut line = connection.lines.of("");
                let get = async { cmd("MGET").arg(names).query_async(&mut line).await };
                self.answer(connection.number, "read", "MGET", get).await?
            }
        };
        Ok(texts.into_iter().map(|text| text.map(Record::cached)).collect())
    }

    pub(crate) async fn note(&self, keys: &[Key]) -> Result<Vec<Token>, CacheError> {
        let (connection, fresh) = (self.connection()?, Token::fresh());
        let number = connection.number;
        let texts: Vec<String> = self
            .run(&connection, keys.iter(), |scripts, _, token| {
                scripts.cmd("EVAL").arg(NOTE).arg(1).arg(token).arg(TOKEN_LIFE.as_secs()).arg(&fresh);
            })
            .await?;
        Ok(texts.into_iter().map(|text| Token { text, connection: number }).collect())
    }

    pub(crate) async fn fill(&self, fills: &[Fill]) -> Result<(), CacheError> {
        let connection = self.connection()?;
        let fills: Vec<&Fill> =
            fills.iter().filter(|fill| fill.token.connection == connection.number).collect();
        let mut each = fills.iter();
        self.run(&connection, fills.iter().map(|fill| &fill.key), |scripts, value, token| {
            let Some(fill) = each.next() else { return };
            script(scripts, FILL, value, token).arg(self.0.ttl_seconds);
            scripts.arg(&fill.token.text).arg(fill.record.as_bytes().as_ref());
        })
        .await
        .map(|_: Vec<()>| ())
    }

    pub(crate) async fn raise(&self, key: &Key, fence: &Fence) -> Result<(), CacheError> {
        self.run(&self.connection()?, [key].into_iter(), |scripts, value, token| {
            script(scripts, RAISE, value, token).arg(FENCE_LIFE.as_secs()).arg(fence.as_str());
        })
        .await
        .map(|_: Vec<()>| ())
    }

    pub(crate) async fn lift<'a>(
        &self,
        fences: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        let (keys, fences): (Vec<&Key>, Vec<&str>) = fences.into_iter().unzip();
        let mut each = fences.into_iter();
        self.run(&self.connection()?, keys.into_iter(), |scripts, value, token| {
            script(scripts, LIFT, value, token).arg(each.next().unwrap_or_default());
        })
        .await
        .map(|_: Vec<()>| ())
    }

    /// Shows in the metrics whether this replica uses the cache.
    pub(crate) fn show_use(&self, in_use: bool) {
        self.0.metrics.in_use.set(i64::from(in_use));
    }

    /// Why the cache is not in use, in words that anybody may read.
    pub(crate) fn failure(&self) -> Option<FailureCause> {
        self.0.outage.lock().cause
    }

    fn is_cluster(&self) -> bool {
        self.0.servers.is_cluster()
    }

    /// Runs a script about each person, which `add` adds in their order by the keys of their value and token; their answers.
    async fn run<'a, T: FromRedisValue>(
        &self,
        connection: &Connection,
        people: impl Iterator<Item = &'a Key>,
        mut add: impl FnMut(&mut Pipeline, &str, &str),
    ) -> Result<Vec<T>, CacheError> {
        let (values, tokens): (Vec<String>, Vec<String>) =
            people.map(|key| (value_key(key), token_key(key, self.is_cluster()))).unzip();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let scripts = connection
            .lines
            .about_each(&values, |scripts, number| add(scripts, &values[number], &tokens[number]));
        self.answer(connection.number, "script", "EVAL", scripts).await
    }
}

/// Appends a script that is about both keys of a person.
fn script<'a>(scripts: &'a mut Pipeline, script: &str, value: &str, token: &str) -> &'a mut Pipeline {
    scripts.cmd("EVAL").arg(script).arg(2).arg(value).arg(token)
}
