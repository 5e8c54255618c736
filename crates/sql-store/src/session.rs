use std::{fmt, time::Instant};

use deadpool::managed::Object;
use sqlx::{
    Any, AnyConnection, Execute, Executor, SqlStr,
    any::{AnyArguments, AnyRow},
    query::Query,
    query_with,
};
use tokio::{sync::OwnedMutexGuard, time::timeout};
use tracing::Instrument;

use crate::{Outage, SqlError, StatementContext, pool::PooledConnection};

/// A statement with its bound values: `sqlx::query("…").bind(…)`.
pub type Statement<'q> = Query<'q, Any, AnyArguments>;

/// A connection with a deadline on each statement. One whose statement was cut off, by the deadline or because
/// nobody waited any more, is closed rather than given back, for nobody knows what state it is in.
pub struct Session {
    /// It is there until this is dropped.
    connection: Option<PooledConnection>,
    progress: Progress,
    /// What each statement begins a transaction of its own with; `None` where none does, and within a transaction.
    begin: Option<SqlStr>,
    _turn: Option<OwnedMutexGuard<()>>,
}

pub(crate) enum Access {
    Read,
    /// With the turn of an SQLite file's one writer.
    Write(Option<OwnedMutexGuard<()>>),
}

impl Session {
    pub(crate) fn new(connection: PooledConnection, context: StatementContext, access: Access) -> Session {
        let (writes, turn) = match access {
            Access::Read => (false, None),
            Access::Write(turn) => (true, turn),
        };
        let begin = context.begin.clone();
        let progress = Progress { context, writes, cut_off: false, failed: false };
        Session { connection: Some(connection), progress, begin, _turn: turn }
    }

    /// Runs a statement; the number of rows that it changed.
    pub async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, SqlError> {
        let (operation, statement) = self.prepare(statement)?;
        let done = self.run(operation, async |connection| connection.execute(statement).await).await?;
        Ok(done.rows_affected())
    }

    /// Runs a statement; all its rows.
    pub async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<AnyRow>, SqlError> {
        let (operation, statement) = self.prepare(statement)?;
        self.run(operation, async |connection| connection.fetch_all(statement).await).await
    }

    /// Runs a statement; its first row if it has any. Reads the answer to its end, without which a row of
    /// `INSERT … RETURNING` would say nothing about its commit.
    pub async fn fetch_optional(&mut self, statement: Statement<'_>) -> Result<Option<AnyRow>, SqlError> {
        Ok(self.fetch_all(statement).await?.into_iter().next())
    }

    /// Runs a command that has neither values nor rows, without preparing it.
    pub(crate) async fn command(&mut self, command: &'static str) -> Result<(), SqlError> {
        self.run(command, async |connection| connection.execute(command).await).await.map(|_| ())
    }

    /// Begins a transaction, which the statements after it belong to.
    pub(crate) async fn begin(&mut self, command: &'static str) -> Result<(), SqlError> {
        match self.begin.take() {
            None => self.command(command).await,
            Some(begin) => {
                self.run(command, async |connection| connection.execute(begin).await).await.map(|_| ())
            }
        }
    }

    /// A statement, and from its text the name of its span. Behind a pooler it has no name on the server: under a name it would
    /// be there for others, and not for us.
    fn prepare<'q>(&self, mut statement: Statement<'q>) -> Result<(&'static str, Statement<'q>), SqlError> {
        let values = statement.take_arguments().map_err(sqlx::Error::Encode)?.unwrap_or_default();
        let text = statement.sql();
        let operation = operation(text.as_str());
        Ok((operation, query_with(text, values).persistent(self.progress.context.begin.is_none())))
    }

    async fn run<T>(
        &mut self,
        operation: &str,
        statement: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, SqlError> {
        let Session { connection, progress, begin, .. } = self;
        let Some(connection) = connection else {
            return Err(SqlError::unavailable(Outage::Passing, "the session has ended"));
        };
        // Whoever drops this future leaves it at that.
        progress.cut_off = true;
        let context = &progress.context;
        let span = context.span(operation);
        let start = Instant::now();
        let done = async {
            match begin {
                None => statement(connection).await,
                Some(begin) => in_transaction(connection, begin.clone(), statement).await,
            }
        };
        let result = match timeout(context.deadline, done.instrument(span.clone())).await {
            Ok(result) => result.map_err(SqlError::from),
            Err(_) => {
                Err(SqlError::unavailable(Outage::Slow, "no answer to a statement within the deadline"))
            }
        };
        context.observe(operation, progress.writes, &result, start.elapsed());
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        progress.cut_off = result.as_ref().is_err_and(loses_the_connection);
        progress.failed |= result.is_err();
        result
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.progress.failed
    }

    /// Has the connection closed instead of given back.
    pub(crate) fn give_up(&mut self) {
        self.progress.cut_off = true;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.progress.cut_off {
            // Out of the pool, and so closed.
            drop(self.connection.take().map(Object::take));
        }
    }
}

/// How far a connection's statements came.
#[derive(Debug)]
struct Progress {
    context: StatementContext,
    writes: bool,
    /// No complete answer was read to the last statement.
    cut_off: bool,
    failed: bool,
}

/// Whether nobody knows what state a connection is in after this error, or another connection may lead to a server that
/// can do it. A statement that the server itself has ended leaves the connection as it was.
fn loses_the_connection(error: &SqlError) -> bool {
    match error {
        SqlError::Unavailable(Outage::Slow | Outage::Passing, cause) => !cause.is::<sqlx::Error>(),
        SqlError::Unavailable(..) => true,
        SqlError::Conflict(_) | SqlError::Other(_) => false,
    }
}

/// Runs a statement in a transaction of its own: what prepares it and what runs it arrive at the same session of a pooler.
async fn in_transaction<T>(
    connection: &mut AnyConnection,
    begin: SqlStr,
    statement: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    connection.execute(begin).await?;
    match statement(connection).await {
        Ok(answer) => {
            connection.execute("COMMIT").await?;
            Ok(answer)
        }
        Err(error) => {
            // A connection on which this fails is lost, whatever the statement said.
            connection.execute("ROLLBACK").await?;
            Err(error)
        }
    }
}

fn operation(text: &str) -> &'static str {
    const KNOWN: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    KNOWN.into_iter().find(|word| text.starts_with(word)).unwrap_or("STATEMENT")
}
