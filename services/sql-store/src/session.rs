use std::{future::Future, time::Duration};

use sqlx::{
    Any, Executor,
    any::{AnyArguments, AnyRow},
    pool::PoolConnection,
    query::Query,
};
use tokio::{sync::OwnedMutexGuard, time::timeout};

use crate::SqlError;

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
        deadline: Duration,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Session {
        Session { connection, progress: Progress { deadline, cut_off: false, failed: false }, _turn: turn }
    }

    /// Runs a statement; the number of rows that it changed.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, SqlError> {
        let done = self.progress.of(statement.execute(&mut *self.connection)).await?;
        Ok(done.rows_affected())
    }

    /// Runs a statement; all its rows.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<AnyRow>, SqlError> {
        self.progress.of(statement.fetch_all(&mut *self.connection)).await
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
        self.progress.of(self.connection.execute(command)).await.map(|_| ())
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
    deadline: Duration,
    /// No complete answer was read to the last statement.
    cut_off: bool,
    failed: bool,
}

impl Progress {
    async fn of<T>(&mut self, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, SqlError> {
        // Whoever drops this future leaves it at that.
        self.cut_off = true;
        let result = match timeout(self.deadline, answer).await {
            Ok(result) => result.map_err(SqlError::from),
            Err(_) => Err(SqlError::unavailable("no answer to a statement within the deadline")),
        };
        self.cut_off = matches!(result, Err(SqlError::Unavailable(_)));
        self.failed |= result.is_err();
        result
    }
}
