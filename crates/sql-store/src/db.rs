use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, any::AnyPoolOptions, pool::PoolConnection};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    DbCollector, Engine, OpenError, OpenOptions, Session, SqlError, Tx, metrics::Times, span::Terms,
};

/// What a span calls the tables of a service that has the database to itself.
const DEFAULT_NAMESPACE: &str = "public";

/// A database of one service: a pool of connections to PostgreSQL, or to an SQLite file. Clones share the pool.
#[derive(Clone)]
pub struct Db {
    pub(crate) pool: AnyPool,
    pub(crate) engine: Engine,
    pub(crate) schema: Option<&'static str>,
    terms: Terms,
    migrated: Arc<AtomicBool>,
    /// An SQLite file has one writer at a time; taking turns here is fairer and cheaper than its own busy waiting.
    turn: Arc<Mutex<()>>,
}

impl Db {
    /// Longest time for an answer to [`Db::ping`].
    pub const PING_DEADLINE: Duration = Duration::from_secs(1);

    /// Opens the database. An SQLite file is opened (and made) at once; PostgreSQL is asked when it is first needed,
    /// so that a process may start before its server.
    ///
    /// # Errors
    /// Options that can never work: a malformed DSN, a folder that may not be written.
    pub async fn open(options: OpenOptions) -> Result<Db, OpenError> {
        sqlx::any::install_default_drivers();
        let engine = options.engine();
        let connect = options.connect_options()?;
        let setup = setup(engine, options.schema);
        let pool = AnyPoolOptions::new()
            .max_connections(match engine {
                Engine::Postgres => options.max_connections.max(1),
                Engine::Sqlite => options.max_connections.clamp(1, OpenOptions::SQLITE_CONNECTIONS),
            })
            .acquire_timeout(options.acquire_deadline)
            // A connection that broke while it was idle is replaced rather than served.
            .test_before_acquire(true)
            .after_connect(move |connection, _| {
                let setup = setup.clone();
                Box::pin(async move {
                    for statement in setup.iter() {
                        connection.execute(sqlx::AssertSqlSafe(statement.clone())).await?;
                    }
                    Ok(())
                })
            });
        let pool = match engine {
            Engine::Postgres => pool.connect_lazy_with(connect),
            Engine::Sqlite => pool.connect_with(connect).await.map_err(|e| OpenError::Refused(e.into()))?,
        };
        Ok(Db {
            pool,
            engine,
            schema: options.schema,
            terms: Terms {
                engine,
                namespace: options.schema.unwrap_or(DEFAULT_NAMESPACE),
                deadline: options.statement_deadline,
                times: Times::new(engine).map_err(|error| OpenError::Refused(unregistrable(error)))?,
            },
            migrated: Arc::default(),
            turn: Arc::default(),
        })
    }

    /// Which engine keeps the data.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether the tables are there, which is so once [`Db::migrate`] has succeeded.
    pub fn is_migrated(&self) -> bool {
        self.migrated.load(Ordering::Acquire)
    }

    pub(crate) fn set_migrated(&self) {
        self.migrated.store(true, Ordering::Release);
    }

    /// A connection for statements that only read.
    ///
    /// # Errors
    /// [`SqlError::Unavailable`] when there is none within the deadline or the tables are not there yet.
    pub async fn reader(&self) -> Result<Session, SqlError> {
        self.expect_tables()?;
        Ok(Session::new(self.connection().await?, self.terms.clone(), None))
    }

    /// A connection for single statements that write, each of which commits by itself.
    ///
    /// # Errors
    /// As [`Db::reader`].
    pub async fn writer(&self) -> Result<Session, SqlError> {
        self.expect_tables()?;
        let turn = match self.engine {
            Engine::Postgres => None,
            Engine::Sqlite => {
                let turn = timeout(self.terms.deadline, self.turn.clone().lock_owned()).await;
                Some(turn.map_err(|_| SqlError::unavailable("other writers took too long"))?)
            }
        };
        Ok(Session::new(self.connection().await?, self.terms.clone(), turn))
    }

    /// A transaction that will write: on SQLite it has the file's write lock from its start.
    ///
    /// # Errors
    /// As [`Db::reader`].
    pub async fn begin(&self) -> Result<Tx, SqlError> {
        Tx::begin(self.writer().await?, self.engine).await
    }

    /// Asks the database for a sign of life and says how long it took.
    ///
    /// # Errors
    /// [`SqlError::Unavailable`] when there is none within [`Db::PING_DEADLINE`].
    pub async fn ping(&self) -> Result<Duration, SqlError> {
        let start = Instant::now();
        let ping = async {
            let mut connection: PoolConnection<_> = self.pool.acquire().await?;
            AnyConnection::ping(&mut connection).await
        };
        let answer = match timeout(Self::PING_DEADLINE, ping).await {
            Ok(answer) => answer.map_err(SqlError::from),
            Err(_) => Err(SqlError::unavailable("no answer to a ping within the deadline")),
        };
        self.terms.times.observe(&answer, start.elapsed());
        answer.map(|()| start.elapsed())
    }

    /// Reports the pool's use and the times of statements, see [`DbCollector`]; to be registered once.
    ///
    /// # Errors
    /// When a metric cannot be described, which is a fault of this code.
    pub fn collector(&self) -> Result<DbCollector, prometheus::Error> {
        DbCollector::new(self.pool.clone(), self.terms.times.clone())
    }

    /// On what terms statements run: how they are timed and how their spans are named.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Closes all connections; those in use when they are given back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn connection(&self) -> Result<PoolConnection<Any>, SqlError> {
        let start = Instant::now();
        let connection = self.pool.acquire().await.map_err(SqlError::from);
        if connection.is_err() {
            self.terms.times.observe(&connection, start.elapsed());
        }
        connection
    }

    fn expect_tables(&self) -> Result<(), SqlError> {
        if self.is_migrated() { Ok(()) } else { Err(SqlError::unavailable("the tables are not there yet")) }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("engine", &self.engine)
            .field("migrated", &self.migrated)
            .finish_non_exhaustive()
    }
}

fn unregistrable(error: prometheus::Error) -> SqlError {
    SqlError::Other(sqlx::Error::Configuration(error.into()))
}

/// What each new connection is told.
fn setup(engine: Engine, schema: Option<&'static str>) -> Arc<[String]> {
    match (engine, schema) {
        (Engine::Postgres, None) => Arc::default(),
        (Engine::Postgres, Some(schema)) => [format!("SET search_path TO \"{schema}\"")].into(),
        // The timeout first, since another process may hold the lock that the others need.
        (Engine::Sqlite, _) => {
            ["busy_timeout = 3000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"]
                .map(|pragma| format!("PRAGMA {pragma}"))
                .into()
        }
    }
}
