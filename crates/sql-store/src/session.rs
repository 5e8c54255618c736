use std::{future::Future, time::Instant};

use sqlx::{
    Any, Execute, Executor, SqlStr,
    any::{AnyArguments, AnyRow},
    pool::PoolConnection,
    query::Query,
};
use tokio::{sync::OwnedMutexGuard, time::timeout};
use tracing::Instrument;

use crate::{SqlError, Terms};

/// A statement with its bound values: `sqlx::query("…").bind(…)`.
pub type Statement<'q> = Query<'q, Any, AnyArguments>;

/// A connection with a deadline on each statement. One whose statement was cut off, by the deadline or because
/// nobody waited any more, is closed rather than given back, for nobody knows what state it is in.
#[derive(Debug)]
pub struct Session {
    connection: PoolConnection<Any>,
    progress: Progress,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Session {
    pub(crate) fn new(
        connection: PoolConnection<Any>,
        terms: Terms,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Session {
        Session { connection, progress: Progress { terms, cut_off: false, failed: false }, _turn: turn }
    }

    /// Runs a statement; the number of rows that it changed.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, SqlError> {
        let (text, values) = parts(statement)?;
        let operation = operation(text.as_str());
        let done = self.progress.of(operation, self.connection.execute((text, values))).await?;
        Ok(done.rows_affected())
    }

    /// Runs a statement; all its rows.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<AnyRow>, SqlError> {
        let (text, values) = parts(statement)?;
        let operation = operation(text.as_str());
        self.progress.of(operation, self.connection.fetch_all((text, values))).await
    }

    /// Runs a statement; its first row if it has any. Reads the answer to its end, without which a row of
    /// `INSERT … RETURNING` would say nothing about its commit.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn fetch_optional(&mut self, statement: Statement<'_>) -> Result<Option<AnyRow>, SqlError> {
        Ok(self.fetch_all(statement).await?.into_iter().next())
    }

    /// Runs a command that has neither values nor rows, without preparing it.
    pub(crate) async fn command(&mut self, command: &'static str) -> Result<(), SqlError> {
        self.progress.of(command, self.connection.execute(command)).await.map(|_| ())
    }

    /// Whether any statement had an error.
    pub(crate) fn has_failed(&self) -> bool {
        self.progress.failed
    }

    /// Has the connection closed instead of given back.
    pub(crate) fn give_up(&mut self) {
        self.progress.cut_off = true;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.progress.cut_off {
            self.connection.close_on_drop();
        }
    }
}

/// How far a connection's statements came.
#[derive(Debug)]
struct Progress {
    terms: Terms,
    /// No complete answer was read to the last statement.
    cut_off: bool,
    failed: bool,
}

impl Progress {
    async fn of<T>(
        &mut self,
        operation: &str,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, SqlError> {
        // Whoever drops this future leaves it at that.
        self.cut_off = true;
        let span = self.terms.span(operation);
        let start = Instant::now();
        let result = match timeout(self.terms.deadline, answer.instrument(span.clone())).await {
            Ok(result) => result.map_err(SqlError::from),
            Err(_) => Err(SqlError::unavailable("no answer to a statement within the deadline")),
        };
        self.terms.times.observe(&result, start.elapsed());
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        self.cut_off = matches!(result, Err(SqlError::Unavailable(_)));
        self.failed |= result.is_err();
        result
    }
}

/// A statement's text, from which its span is named, and its values.
fn parts(mut statement: Statement<'_>) -> Result<(SqlStr, Option<AnyArguments>), SqlError> {
    let values = statement.take_arguments().map_err(sqlx::Error::Encode)?;
    Ok((statement.sql(), values))
}

/// What a statement does.
fn operation(text: &str) -> &'static str {
    const KNOWN: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    KNOWN.into_iter().find(|word| text.starts_with(word)).unwrap_or("STATEMENT")
}
