use std::{fmt, time::Instant};

use deadpool::managed::Object;
use sqlx::{
    Any, AnyConnection, Execute, Executor, SqlStr,
    any::{AnyArguments, AnyRow},
    query::Query,
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
        let progress = Progress { context, writes, cut_off: false, failed: false };
        Session { connection: Some(connection), progress, _turn: turn }
    }

    /// Runs a statement; the number of rows that it changed.
    pub async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, SqlError> {
        let (text, values) = parts(statement)?;
        let operation = operation(text.as_str());
        let done = self.run(operation, async |connection| connection.execute((text, values)).await).await?;
        Ok(done.rows_affected())
    }

    /// Runs a statement; all its rows.
    pub async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<AnyRow>, SqlError> {
        let (text, values) = parts(statement)?;
        let operation = operation(text.as_str());
        self.run(operation, async |connection| connection.fetch_all((text, values)).await).await
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

    async fn run<T>(
        &mut self,
        operation: &str,
        statement: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, SqlError> {
        let Session { connection, progress, .. } = self;
        let Some(connection) = connection else {
            return Err(SqlError::unavailable(Outage::Passing, "the session has ended"));
        };
        // Whoever drops this future leaves it at that.
        progress.cut_off = true;
        let context = &progress.context;
        let span = context.span(operation);
        let start = Instant::now();
        let result = match timeout(context.deadline, statement(connection).instrument(span.clone())).await {
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

/// A statement's text, from which its span is named, and its values.
fn parts(mut statement: Statement<'_>) -> Result<(SqlStr, Option<AnyArguments>), SqlError> {
    let values = statement.take_arguments().map_err(sqlx::Error::Encode)?;
    Ok((statement.sql(), values))
}

fn operation(text: &str) -> &'static str {
    const KNOWN: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    KNOWN.into_iter().find(|word| text.starts_with(word)).unwrap_or("STATEMENT")
}
