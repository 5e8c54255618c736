use std::{sync::Arc, time::Duration};

use sqlx::SqlStr;
use tracing::{Span, field::Empty, info_span};

use crate::{Engine, SqlError, condition::Condition, metrics::DbMetrics};

/// What all statements of a database have in common.
#[derive(Clone, Debug)]
pub struct StatementContext {
    pub(crate) engine: Engine,
    pub(crate) namespace: &'static str,
    pub(crate) deadline: Duration,
    /// What a transaction begins with behind a pooler of transactions, where no statement runs outside of one.
    pub(crate) begin: Option<SqlStr>,
    pub(crate) metrics: DbMetrics,
    pub(crate) condition: Arc<Condition>,
}

impl StatementContext {
    /// Takes note of how a statement, or the wait for a connection, ended.
    pub(crate) fn observe<T>(
        &self,
        operation: &str,
        writes: bool,
        result: &Result<T, SqlError>,
        took: Duration,
    ) {
        self.metrics.observe(self.engine, result, took);
        self.condition.observe(operation, writes, result);
    }

    /// The span of one statement, named by OpenTelemetry's semantic conventions for databases: what it does
    /// (`SELECT`, …) and to what. Traces see it within a span that is recorded, and so never what runs in the background.
    pub fn span(&self, operation: &str) -> Span {
        info_span!(
            target: "otel",
            "statement",
            otel.name = format!("{operation} {}", self.namespace),
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = self.engine.name(),
            db.namespace = self.namespace,
            db.operation.name = operation,
        )
    }
}
