use std::{sync::Arc, time::Duration};

use deadpool::{
    Runtime, Status,
    managed::{
        Manager, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult, TimeoutType,
        Timeouts,
    },
};
use sqlx::{AnyConnection, Connection, Executor, any::AnyConnectOptions};
use tokio::time::timeout;

use crate::{OpenError, Outage, SqlError};

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

pub(crate) type PooledConnection = Object<Connector>;

/// Makes connections and tries them before they are used again.
pub(crate) struct Connector {
    pub(crate) options: AnyConnectOptions,
    /// What each new connection is told.
    pub(crate) setup: Arc<str>,
}

impl Manager for Connector {
    type Type = AnyConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<AnyConnection, sqlx::Error> {
        let mut connection = AnyConnection::connect_with(&self.options).await?;
        connection.execute(sqlx::AssertSqlSafe(self.setup.to_string())).await?;
        Ok(connection)
    }

    /// A connection that broke while it was idle is replaced rather than served.
    async fn recycle(&self, connection: &mut AnyConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() > LIFETIME {
            return Err(RecycleError::message("too old"));
        }
        if metrics.last_used() > TRUSTED {
            connection.ping().await?;
        }
        Ok(())
    }
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
            Ok(Err(PoolError::Backend(error))) => Err(error.into()),
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
