use std::{
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError, aio::MultiplexedConnection, cmd,
    pipe,
};
use tokio::{sync::Notify, time::timeout};

use super::{
    CacheError, FENCE_LIFE, FailureCause, Fence, Fill, RedisMetrics, Token,
    failure::Outage,
    scripts::{FILL, LIFT, NOTE, RAISE},
    server_check::check_server,
};
use crate::{key::Key, record::Record};

/// How long a reader has for its query and its fill. Short, for whoever asks for unknown people makes tokens too.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(10);
/// Commands that may wait to be sent before those who have more are held up.
const SEND_BUFFER: usize = 1_024;

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
/// nothing may be read from a new one before [`check_server`], so only [`RedisCache::connect`] makes it.
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

    /// Replaces the connection by a new one, whose server has been checked.
    pub(crate) async fn connect(&self) -> Result<(), CacheError> {
        self.give_up(None);
        match self.open().await {
            Ok(line) => {
                let number = self.0.connections_made.fetch_add(1, Ordering::Relaxed);
                *self.0.connection.write() = Some(Connection { number, line });
                self.0.reconnected.notify_waiters();
                self.0.outage.lock().ends();
                Ok(())
            }
            Err(error) => {
                self.take_note(&error, true);
                Err(error)
            }
        }
    }

    async fn open(&self) -> Result<MultiplexedConnection, CacheError> {
        let limit = 4 * self.0.deadline;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(SEND_BUFFER);
        let line = self.0.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut checking = line.clone();
        checking.set_response_timeout(limit);
        check_server(&mut checking).await?;
        Ok(line)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connection().is_ok()
    }

    /// Returns when the connection has been lost since this was last called, perhaps long ago.
    pub(crate) async fn disconnected(&self) {
        self.0.disconnected.notified().await;
    }

    /// Waits for a connection if there is none, for as long as a ping may take.
    pub(crate) async fn reconnected(&self) {
        let reconnected = self.0.reconnected.notified();
        if !self.is_connected() {
            // Whoever waits looks again anyway.
            let _ = timeout(2 * self.0.deadline, reconnected).await;
        }
    }

    /// Asks for a sign of life. A connection that gives none is given up.
    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        let start = Instant::now();
        let mut connection = self.connection()?;
        let ping = async { Ok(cmd("PING").query_async(&mut connection.line).await?) };
        let ping = async { answer_within(2 * self.0.deadline, ping).await };
        let answer: Result<(), CacheError> = self.0.metrics.time("ping", "PING", ping).await;
        answer.inspect_err(|error| {
            if self.give_up(Some(connection.number)) {
                self.take_note(error, true);
            }
        })?;
        Ok(start.elapsed())
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

    /// The answer to a command on the connection of this `number`. A failed connection is given up at once, a slow
    /// one only when it does not answer a ping either: a single command may be late for a reason of its own.
    async fn answer<T>(
        &self,
        number: u64,
        operation: &str,
        command: &'static str,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, CacheError> {
        let answer = async { answer_within(self.0.deadline, async { Ok(answer.await?) }).await };
        let result = self.0.metrics.time(operation, command, answer).await;
        match &result {
            Ok(_) => (),
            Err(error @ CacheError::TimedOut(_)) => {
                self.take_note(error, false);
                if !self.0.suspected.swap(true, Ordering::AcqRel) {
                    let cache = self.clone();
                    tokio::spawn(async move {
                        // What it means is done when it fails.
                        let _ = cache.ping().await;
                        cache.0.suspected.store(false, Ordering::Release);
                    });
                }
            }
            Err(error) => {
                let given_up = self.give_up(Some(number));
                self.take_note(error, given_up);
            }
        }
        result
    }

    fn take_note(&self, error: &CacheError, is_outage: bool) {
        let Some(cause) = error.cause() else { return };
        self.0.metrics.count_failure(cause);
        if is_outage {
            self.0.outage.lock().begins(cause, error);
        }
    }

    /// Stops using the connection of this number, or any; whether it was in use.
    fn give_up(&self, number: Option<u64>) -> bool {
        let mut connection = self.0.connection.write();
        let is_meant = |connection: &mut Connection| number.is_none_or(|number| connection.number == number);
        let given_up = connection.take_if(is_meant).is_some();
        if given_up {
            self.0.disconnected.notify_one();
        }
        given_up
    }

    fn connection(&self) -> Result<Connection, CacheError> {
        self.0.connection.read().clone().ok_or(CacheError::NotConnected)
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// Appends a script that is about both keys of a person.
fn script<'a>(scripts: &'a mut Pipeline, script: &str, key: &Key) -> &'a mut Pipeline {
    scripts.cmd("EVAL").arg(script).arg(2).arg(value_key(key)).arg(token_key(key))
}

/// The answer, unless it takes longer than `limit`, which is waited for in four slices. Time in which this process
/// did not run, because it was frozen or had too much to do, uses up one slice at most; whatever arrived meanwhile is
/// looked at in the next one, and is not taken for slowness of the server.
async fn answer_within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, CacheError>>,
) -> Result<T, CacheError> {
    let mut answer = pin!(answer);
    for _ in 0..4 {
        if let Ok(answer) = timeout(limit / 4, &mut answer).await {
            return answer;
        }
    }
    Err(CacheError::TimedOut(limit))
}
