use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deadpool::{
    Runtime, Status,
    managed::{
        Manager, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult, TimeoutType,
        Timeouts,
    },
};
use sqlx::{AnyConnection, ConnectOptions, Connection, Row, any::AnyConnectOptions};
use tokio::time::timeout;
use url::Url;

use crate::{Engine, OpenError, Outage, SqlError, pooler::SHARED_SESSION};

/// A connection that is older is replaced: what the server keeps for it would only grow.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// A connection that nobody has needed for so long is closed.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// A connection that was used so shortly ago is used again without being tried: to ask whether it answers takes as long as most
/// statements do. One that breaks just then costs an error, as it does if it breaks during a statement.
const TRUSTED: Duration = Duration::from_millis(100);
/// Most that wait for a connection: half of the requests that a service works on by default, so that those which need no
/// connection go on while the database hangs.
const MOST_WAITING: usize = 128;
/// How much longer than the wait for a connection in use is waited in all: whoever waits too long is told why.
const MARGIN: Duration = Duration::from_millis(50);

/// What each new connection to PostgreSQL is asked: whether it takes no writes, and whether it leads to a session that we had before.
const ASKED: &str =
    "SELECT current_setting('transaction_read_only'), coalesce(current_setting('w2meet.session', true), '');";

pub(crate) type PooledConnection = Object<Connector>;

/// Where a database is.
#[derive(Debug)]
pub(crate) struct Servers {
    /// At least one.
    pub(crate) urls: Vec<Url>,
    /// Whether one that takes no writes, as a standby, is passed over.
    pub(crate) takes_writes: bool,
    /// Whether they are poolers that give a session to others after each transaction.
    pub(crate) pooled: bool,
}

/// Makes connections and tries them before they are used again.
pub(crate) struct Connector {
    /// At least one.
    hosts: Vec<AnyConnectOptions>,
    /// The place of the one that is asked first: the last that was of use.
    first: AtomicUsize,
    /// Whether one that takes no writes, as a standby, is passed over.
    takes_writes: bool,
    pooled: bool,
    /// The longest wait for one of several hosts.
    share: Duration,
    engine: Engine,
    /// What each new connection is asked and told.
    setup: String,
}

impl Connector {
    /// One whose connections are told this at their beginning.
    pub(crate) fn new(
        servers: &Servers,
        deadline: Duration,
        engine: Engine,
        told: &str,
    ) -> Result<Connector, OpenError> {
        let hosts = servers.urls.iter().map(AnyConnectOptions::from_url).collect::<Result<Vec<_>, _>>();
        let hosts = hosts.map_err(|error| OpenError::Setting(error.to_string()))?;
        let share = deadline / u32::try_from(hosts.len()).unwrap_or(u32::MAX);
        let asked = if engine == Engine::Postgres { ASKED } else { "" };
        let (takes_writes, pooled) = (servers.takes_writes, servers.pooled);
        let setup = format!("{asked}{told}");
        Ok(Connector { hosts, first: AtomicUsize::new(0), takes_writes, pooled, share, engine, setup })
    }

    async fn connect(&self, host: &AnyConnectOptions) -> Result<AnyConnection, SqlError> {
        let mut connection = AnyConnection::connect_with(host).await?;
        // As one text that is not prepared: it arrives at one session, also behind a pooler.
        let setup = sqlx::raw_sql(sqlx::AssertSqlSafe(self.setup.clone()));
        let rows = setup.fetch_all(&mut connection).await?;
        if self.engine == Engine::Postgres {
            let said = rows.first().ok_or(sqlx::Error::RowNotFound)?;
            let says = |column| Ok::<_, SqlError>(said.try_get::<String, _>(column)? == "on");
            if self.takes_writes && says(0)? {
                return Err(SqlError::unavailable(Outage::ReadOnly, "it is a standby, or takes no writes"));
            }
            if !self.pooled && says(1)? {
                return Err(SqlError::unavailable(Outage::NotAdmitted, SHARED_SESSION));
            }
        }
        Ok(connection)
    }
}

impl Manager for Connector {
    type Type = AnyConnection;
    type Error = SqlError;

    /// Connects to the first host that answers, and takes writes if it has to.
    async fn create(&self) -> Result<AnyConnection, SqlError> {
        let (count, first) = (self.hosts.len(), self.first.load(Ordering::Relaxed));
        let mut failure = None;
        for place in (0..count).map(|more| (first + more) % count) {
            let connect = self.connect(&self.hosts[place]);
            let connected = match count {
                1 => connect.await,
                _ => timeout(self.share, connect)
                    .await
                    .unwrap_or_else(|_| Err(SqlError::unavailable(Outage::Slow, "a host does not answer"))),
            };
            match connected {
                Ok(connection) => {
                    self.first.store(place, Ordering::Relaxed);
                    return Ok(connection);
                }
                // Nobody can be reached only when no host can be.
                Err(error) if is_unreachable(failure.as_ref()) => failure = Some(error),
                Err(_) => (),
            }
        }
        Err(failure.unwrap_or_else(|| SqlError::unavailable(Outage::Unreachable, "there is no host")))
    }

    /// A connection that broke while it was idle is replaced rather than served.
    async fn recycle(&self, connection: &mut AnyConnection, metrics: &Metrics) -> RecycleResult<SqlError> {
        if metrics.age() > LIFETIME {
            return Err(RecycleError::message("too old"));
        }
        if metrics.last_used() > TRUSTED {
            connection.ping().await.map_err(SqlError::from)?;
        }
        Ok(())
    }
}

fn is_unreachable(failure: Option<&SqlError>) -> bool {
    failure.is_none_or(|failure| failure.outage() == Some(Outage::Unreachable))
}

/// Connections to one database, of which those used last are used first.
#[derive(Clone)]
pub(crate) struct Pool {
    pool: deadpool::managed::Pool<Connector>,
    deadline: Duration,
}

impl Pool {
    pub(crate) fn new(connector: Connector, size: u32, deadline: Duration) -> Result<Pool, OpenError> {
        let limit = Some(deadline);
        let config = PoolConfig {
            max_size: usize::try_from(size).unwrap_or(usize::MAX),
            timeouts: Timeouts { wait: limit, create: limit, recycle: limit },
            queue_mode: QueueMode::Lifo,
        };
        let pool = deadpool::managed::Pool::builder(connector).config(config).runtime(Runtime::Tokio1);
        let pool = pool.build().map_err(|error| OpenError::Setting(error.to_string()))?;
        Ok(Pool { pool, deadline })
    }

    /// A connection that answers.
    pub(crate) async fn get(&self) -> Result<PooledConnection, SqlError> {
        const SLOW: &str = "no connection within the deadline";
        if self.pool.status().waiting >= MOST_WAITING {
            return Err(SqlError::unavailable(Outage::Busy, "too many wait for one"));
        }
        match timeout(self.deadline + MARGIN, self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(PoolError::Timeout(TimeoutType::Wait))) => {
                Err(SqlError::unavailable(Outage::Busy, "none was given back within the deadline"))
            }
            Ok(Err(PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle))) | Err(_) => {
                Err(SqlError::unavailable(Outage::Slow, SLOW))
            }
            Ok(Err(
                error @ (PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)),
            )) => Err(SqlError::Unavailable(Outage::Unreachable, error.into())),
        }
    }

    /// Makes a connection beside those of the pool, and closes it again.
    ///
    /// # Errors
    /// Why it cannot be made, or has the session of another one.
    pub(crate) async fn try_another(&self) -> Result<(), SqlError> {
        let made = timeout(self.deadline, self.pool.manager().create()).await;
        let slow = |_| SqlError::unavailable(Outage::Slow, "no second connection within the deadline");
        // It is closed either way.
        let _ = made.map_err(slow)??.close().await;
        Ok(())
    }

    /// Whether each connection that may be made is in use.
    pub(crate) fn is_exhausted(&self) -> bool {
        let Status { max_size, size, available, .. } = self.pool.status();
        available == 0 && size >= max_size
    }

    pub(crate) fn status(&self) -> Status {
        self.pool.status()
    }

    pub(crate) fn close_idle(&self) {
        self.pool.retain(|_, metrics| metrics.last_used() < IDLE);
    }

    /// Closes all connections; those in use when they are given back.
    pub(crate) async fn close(&self) {
        for connection in self.pool.retain(|_, _| false).removed {
            // It is closed either way.
            let _ = connection.close().await;
        }
        self.pool.close();
    }
}
