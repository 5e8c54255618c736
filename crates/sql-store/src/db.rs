use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::managed::Object;
use parking_lot::Mutex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row, SqlSafeStr};
use tokio::time::timeout;

use crate::{
    DbCollector, Engine, OpenError, OpenOptions, Outage, Session, SqlError, Tx,
    condition::Condition,
    file::DataFile,
    metrics::DbMetrics,
    pool::{Connector, Pool, PooledConnection, Servers},
    session::Access,
    statement_context::StatementContext,
    table_access::TableAccess,
};

/// What a span calls the tables of a service that has the database to itself.
const DEFAULT_NAMESPACE: &str = "public";

/// A database of one service: a pool of connections to PostgreSQL, or to an SQLite file. Clones share the pool.
#[derive(Clone)]
pub struct Db {
    pub(crate) pool: Pool,
    pub(crate) engine: Engine,
    pub(crate) schema: Option<&'static str>,
    pub(crate) table: Option<&'static str>,
    pub(crate) context: StatementContext,
    migrated: Arc<AtomicBool>,
    /// An SQLite file has one writer at a time; taking turns here is fairer and cheaper than its own busy waiting.
    turn: Arc<tokio::sync::Mutex<()>>,
    file: Option<Arc<OpenFile>>,
}

struct OpenFile {
    file: DataFile,
    /// With the last connection SQLite takes away the files beside it, for which a full disk has no room when the next one
    /// wants to read. So one stays.
    connection: Mutex<Option<AnyConnection>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How long it took to answer, or what is the matter in one short line.
    pub answer: Result<Duration, String>,
    /// Whether it can be read, even where the answer says that something is the matter.
    pub readable: bool,
}

impl Db {
    /// Longest time for an answer to [`Db::ping`].
    pub const PING_DEADLINE: Duration = Duration::from_secs(1);

    /// Opens the database. An SQLite file is taken and opened (and made) at once; PostgreSQL is asked when it is first
    /// needed, so that a process may start before its server.
    ///
    /// # Errors
    /// Options that can never work: a malformed DSN, a folder that may not be written, a file that another process has.
    pub async fn open(options: OpenOptions) -> Result<Db, OpenError> {
        sqlx::any::install_default_drivers();
        let engine = options.engine();
        let (servers, place, told, data_file) = match &options.dsn {
            #[cfg(not(feature = "postgres"))]
            Some(_) => return Err(OpenError::WithoutPostgres),
            #[cfg(feature = "postgres")]
            Some(dsn) => {
                use crate::dsn;
                let servers = dsn::parse(dsn)?;
                let place = dsn::places(&servers.urls);
                let told = if servers.pooled { dsn::transaction } else { dsn::session };
                (servers, place, told(options.statement_deadline, options.schema), None)
            }
            None => {
                let file = DataFile::take(&options.sqlite_path)?;
                let place = file.path.display().to_string();
                let servers = Servers { urls: vec![file.url()?], takes_writes: false, pooled: false };
                (servers, place, SQLITE_SETUP.to_owned(), Some(file))
            }
        };
        // Behind a pooler each transaction is told, and otherwise each connection.
        let (told, begin) = match servers.pooled {
            true => (String::new(), Some(AssertSqlSafe(told).into_sql_str())),
            false => (told, None),
        };
        let connector = Connector::new(&servers, options.acquire_deadline, engine, &told)?;
        let pool = Pool::new(connector, options.connections(), options.acquire_deadline)?;
        let file = match data_file {
            None => None,
            Some(file) => {
                let refused = |source| OpenError::Refused { path: file.path.clone(), source };
                let connection = Object::take(pool.get().await.map_err(refused)?);
                Some(Arc::new(OpenFile { file, connection: Mutex::new(Some(connection)) }))
            }
        };
        Ok(Db {
            pool,
            engine,
            schema: options.schema,
            table: options.table,
            context: StatementContext {
                engine,
                namespace: options.schema.unwrap_or(DEFAULT_NAMESPACE),
                deadline: options.statement_deadline,
                begin,
                metrics: DbMetrics::of(engine, options.connections())
                    .map_err(|error| OpenError::Setting(error.to_string()))?,
                condition: Arc::new(Condition::new(place)),
            },
            migrated: Arc::default(),
            turn: Arc::default(),
            file,
        })
    }

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
        Ok(Session::new(self.connection().await?, self.context.clone(), Access::Read))
    }

    /// A connection for single statements that write, each of which commits by itself.
    pub async fn writer(&self) -> Result<Session, SqlError> {
        self.expect_tables()?;
        let turn = match self.engine {
            Engine::Postgres => None,
            Engine::Sqlite => {
                let turn = timeout(self.context.deadline, self.turn.clone().lock_owned()).await;
                Some(turn.map_err(|_| SqlError::unavailable(Outage::Busy, "other writers took too long"))?)
            }
        };
        Ok(Session::new(self.connection().await?, self.context.clone(), Access::Write(turn)))
    }

    /// A transaction that will write: on SQLite it has the file's write lock from its start.
    pub async fn begin(&self) -> Result<Tx, SqlError> {
        Tx::begin(self.writer().await?, self.engine).await
    }

    /// Asks the database for a sign of life and says how long it took. While all connections are in use, an answer that
    /// one of them had within [`Db::PING_DEADLINE`] is one.
    ///
    /// # Errors
    /// [`SqlError::Unavailable`] when there is none within [`Db::PING_DEADLINE`].
    pub async fn ping(&self) -> Result<Duration, SqlError> {
        self.pool.close_idle();
        let answered = self.context.condition.since_last_answer();
        if self.pool.is_exhausted()
            && let Some(ago) = answered.filter(|ago| *ago < Self::PING_DEADLINE)
        {
            return Ok(ago);
        }
        let start = Instant::now();
        let answer = timeout(Self::PING_DEADLINE, self.ask()).await.unwrap_or_else(|_| {
            let slow = Err(SqlError::unavailable(Outage::Slow, "no answer to a ping within the deadline"));
            self.context.observe("ping", false, &slow, start.elapsed());
            slow
        });
        answer.map(|()| start.elapsed())
    }

    /// [`Db::ping`], and whether writes succeed: those of this process, and what PostgreSQL says of itself and of the
    /// service's [`table`](OpenOptions::table).
    pub async fn health(&self) -> Health {
        // At the same time: whoever asks waits little longer than for one answer.
        let (answer, access) = tokio::join!(self.ping(), self.access());
        match (answer, self.context.condition.write_failure()) {
            (Ok(_), _) if access != TableAccess::Full => {
                Health { answer: Err(access.to_string()), readable: access == TableAccess::Read }
            }
            (Ok(_), Some(reason)) => Health { answer: Err(reason), readable: true },
            (Ok(took), None) => Health { answer: Ok(took), readable: true },
            (Err(error), _) => Health { answer: Err(error.summary()), readable: false },
        }
    }

    async fn ask(&self) -> Result<(), SqlError> {
        let mut session = Session::new(self.connection().await?, self.context.clone(), Access::Read);
        if self.engine == Engine::Sqlite {
            return session.command("SELECT 1 FROM sqlite_master LIMIT 1").await;
        }
        let statement = sqlx::query("SELECT CAST(current_setting('transaction_read_only') AS TEXT)");
        let row = session.fetch_optional(statement).await?.ok_or(sqlx::Error::RowNotFound)?;
        let read_only = row.try_get::<String, _>(0)? == "on";
        if read_only {
            // A new session may have other settings, or lead to another server.
            session.give_up();
        }
        self.context.condition.read_only(read_only);
        Ok(())
    }

    /// What is measured of the statements and the connections; to be registered once.
    pub fn collector(&self) -> DbCollector {
        DbCollector { pool: self.pool.clone(), metrics: self.context.metrics.clone() }
    }

    /// What all statements of this database have in common: how they are timed and how their spans are named.
    pub fn statement_context(&self) -> &StatementContext {
        &self.context
    }

    /// Closes all connections; those in use when they are given back. Another process may have an SQLite file then.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(open) = &self.file {
            let connection = open.connection.lock().take();
            if let Some(connection) = connection {
                // It is closed either way.
                let _ = connection.close().await;
            }
            open.file.give_back();
        }
    }

    pub(crate) async fn connection(&self) -> Result<PooledConnection, SqlError> {
        let start = Instant::now();
        let connection = self.pool.get().await;
        if connection.is_err() {
            self.context.observe("connect", false, &connection, start.elapsed());
        }
        connection
    }

    fn expect_tables(&self) -> Result<(), SqlError> {
        let missing = || SqlError::unavailable(Outage::Passing, "the tables are not there yet");
        if self.is_migrated() { Ok(()) } else { Err(missing()) }
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

/// What each new connection to an SQLite file is told; the timeout first, since the others need a lock that another
/// program may hold. Only what is read shows that the file is a database, and opens the files beside it.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 3000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; SELECT 1 FROM sqlite_master LIMIT 1";
