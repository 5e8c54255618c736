use std::{
    mem,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use bytes::Bytes;
use redis::{
    AsyncConnectionConfig, FromRedisValue, RedisConnectionInfo, RedisError, ScriptInvocation,
    aio::MultiplexedConnection, cmd,
};
use tokio::{net::TcpStream, time::timeout};

use super::{
    CacheError, Fill, TOKEN_TTL, gather::Gathering, scripts::Scripts, times::CommandTimes, token::Token,
};
use crate::{key::Key, record::Record};

/// Where Redis is and how it is used.
#[derive(Clone)]
pub(crate) struct RedisSettings {
    /// Host name or address.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Password of the default user, if it has one.
    pub(crate) password: Option<String>,
    /// Life of a value, in seconds from 1.
    pub(crate) ttl_seconds: u64,
    /// Longest time for one command, and for each step of connecting.
    pub(crate) deadline: Duration,
}

/// Records in a Redis: value `cache_aside_{KEY}`, token `cache_fence_{KEY}`.
///
/// Commands share one connection, on which they are sent without waiting for each other's answers. It does not mend
/// itself: whoever sees an error has it closed, and a new one is made by [`RedisCache::connect`] only.
#[derive(Debug)]
pub(crate) struct RedisCache {
    host: String,
    port: u16,
    user: RedisConnectionInfo,
    config: AsyncConnectionConfig,
    scripts: Scripts,
    deadline: Duration,
    ttl_seconds: u64,
    line: RwLock<Option<MultiplexedConnection>>,
    times: CommandTimes,
}

/// Holds the id of the server process whose values are known to be no older than it.
const SERVER_KEY: &str = "cache_fence_server";

const VALUE: &str = "cache_aside_";

fn value_key(key: &Key) -> String {
    format!("{VALUE}{key}")
}

fn token_key(key: &Key) -> String {
    format!("cache_fence_{key}")
}

impl RedisCache {
    /// Prepares the use of a Redis without connecting to it.
    pub(crate) fn new(settings: RedisSettings) -> Result<RedisCache, CacheError> {
        let mut user = RedisConnectionInfo::default();
        if let Some(password) = settings.password {
            user = user.set_password(password);
        }
        Ok(RedisCache {
            host: settings.host,
            port: settings.port,
            user,
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(settings.deadline))
                .set_response_timeout(Some(settings.deadline)),
            scripts: Scripts::new(),
            deadline: settings.deadline,
            ttl_seconds: settings.ttl_seconds,
            line: RwLock::new(None),
            times: CommandTimes::new()?,
        })
    }

    pub(crate) async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, CacheError> {
        let texts: Vec<Option<Bytes>> = self.read(keys.iter().map(value_key)).await?;
        Ok(texts.into_iter().map(|text| text.map(Record::cached)).collect())
    }

    pub(crate) async fn tokens(&self, keys: &[Key]) -> Result<Vec<Token>, CacheError> {
        let texts: Vec<Option<String>> = self.read(keys.iter().map(token_key)).await?;
        Ok(texts.into_iter().map(Token::found).collect())
    }

    pub(crate) async fn fill(&self, fills: &[Fill]) -> Result<(), CacheError> {
        let mut script = self.scripts.fill.arg(self.ttl_seconds);
        for fill in fills {
            script.key(value_key(&fill.key)).key(token_key(&fill.key));
            script.arg(fill.token.as_str()).arg(fill.record.as_bytes().as_ref());
        }
        self.run(&script).await
    }

    pub(crate) async fn fence(&self, key: &Key, token: &Token) -> Result<(), CacheError> {
        let mut script = self.scripts.fence.arg(TOKEN_TTL.as_secs());
        script.arg(token.as_str()).key(value_key(key)).key(token_key(key));
        self.run(&script).await
    }

    pub(crate) async fn lift<'a>(
        &self,
        fences: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        let mut script = self.scripts.lift.arg(TOKEN_TTL.as_secs());
        script.arg(Token::done().as_str());
        for (key, token) in fences {
            script.key(value_key(key)).key(token_key(key)).arg(token);
        }
        self.run(&script).await
    }

    pub(crate) async fn connect(&self) -> Result<(), CacheError> {
        self.disconnect();
        // The steps of a handshake have a deadline each; this one is for all of them.
        let limit = 2 * self.deadline;
        let mut line = timeout(limit, self.open()).await.map_err(|_| CacheError::TooSlow(limit))??;
        for script in self.scripts.all() {
            script.load_async(&mut line).await?;
        }
        drop_values_of_earlier_server(&mut line).await?;
        self.set_line(Some(line));
        Ok(())
    }

    async fn open(&self) -> Result<MultiplexedConnection, RedisError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        let (line, driver) =
            MultiplexedConnection::new_with_config(&self.user, Gathering::new(stream), self.config.clone())
                .await?;
        // It ends with the connection, and with the last of its clones.
        tokio::spawn(driver);
        Ok(line)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.line().is_ok()
    }

    pub(crate) fn disconnect(&self) -> bool {
        self.set_line(None).is_some()
    }

    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        let start = Instant::now();
        let ping = async { Ok(cmd("PING").query_async(&mut self.line()?).await?) };
        let () = self.times.of("ping", "PING", ping).await?;
        Ok(start.elapsed())
    }

    /// How long commands took.
    pub(crate) fn times(&self) -> &CommandTimes {
        &self.times
    }

    /// One `GET` for one key, one `MGET` for more.
    async fn read<T: FromRedisValue>(
        &self,
        mut keys: impl ExactSizeIterator<Item = String>,
    ) -> Result<Vec<T>, CacheError> {
        let mut line = self.line()?;
        if keys.len() == 1 {
            let key = keys.next().unwrap_or_default();
            let get = async { Ok(cmd("GET").arg(key).query_async(&mut line).await?) };
            return Ok(vec![self.times.of("read", "GET", get).await?]);
        }
        let command = keys.fold(cmd("MGET"), |mut command, key| {
            command.arg(key);
            command
        });
        self.times.of("read", "MGET", async { Ok(command.query_async(&mut line).await?) }).await
    }

    async fn run(&self, script: &ScriptInvocation<'_>) -> Result<(), CacheError> {
        let run = async { Ok(script.invoke_async(&mut self.line()?).await?) };
        self.times.of("script", "EVALSHA", run).await
    }

    fn line(&self) -> Result<MultiplexedConnection, CacheError> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.clone().ok_or(CacheError::Away)
    }

    fn set_line(&self, line: Option<MultiplexedConnection>) -> Option<MultiplexedConnection> {
        mem::replace(&mut *self.line.write().unwrap_or_else(PoisonError::into_inner), line)
    }
}

/// A Redis that was restarted from its disk, or that took over from another, may have values again that had been
/// dropped. The first to connect to a new server process drops them all and leaves the process's id. It is written
/// each time, so that a Redis that takes no writes is not used at all.
async fn drop_values_of_earlier_server(line: &mut MultiplexedConnection) -> Result<(), CacheError> {
    let info: String = cmd("INFO").arg("server").query_async(line).await?;
    let run_id = info.lines().find_map(|entry| entry.strip_prefix("run_id:")).unwrap_or_default().trim();
    let known: Option<String> = cmd("GET").arg(SERVER_KEY).query_async(line).await?;
    if run_id.is_empty() || known.as_deref() != Some(run_id) {
        drop_all_values(line).await?;
    }
    Ok(cmd("SET").arg(SERVER_KEY).arg(run_id).query_async(line).await?)
}

async fn drop_all_values(line: &mut MultiplexedConnection) -> Result<(), CacheError> {
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{VALUE}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(line).await?;
        if !keys.is_empty() {
            let () = cmd("UNLINK").arg(keys).query_async(line).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
