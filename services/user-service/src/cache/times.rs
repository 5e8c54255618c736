use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use prometheus::{HistogramOpts, HistogramVec, Registry};
use tracing::{Instrument, Span, field::Empty, info_span};

use super::CacheError;

/// Bucket bounds in seconds; a command takes some tenths of a millisecond, and its deadline is far below a second.
const BUCKETS: [f64; 9] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.025, 0.1, 0.5];

/// Times Redis's commands: `people_cache_operation_duration_seconds{operation,outcome}`.
#[derive(Clone, Debug)]
pub(crate) struct CommandTimes(HistogramVec);

impl CommandTimes {
    pub(crate) fn new() -> Result<CommandTimes, CacheError> {
        let options =
            HistogramOpts::new("people_cache_operation_duration_seconds", "Time of one command to Redis")
                .buckets(BUCKETS.to_vec());
        let times = HistogramVec::new(options, &["operation", "outcome"]);
        times.map(CommandTimes).map_err(|error| CacheError::Metrics(Arc::new(error)))
    }

    pub(crate) fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.0.clone()))
    }

    /// Times `answer`, and puts it into a span named after the command, for traces.
    pub(crate) async fn of<T>(
        &self,
        operation: &str,
        command: &'static str,
        answer: impl Future<Output = Result<T, CacheError>>,
    ) -> Result<T, CacheError> {
        let span = span(command);
        let start = Instant::now();
        let result = answer.instrument(span.clone()).await;
        self.observe(operation, result.is_ok(), start.elapsed());
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        result
    }

    fn observe(&self, operation: &str, ok: bool, took: Duration) {
        let outcome = if ok { "ok" } else { "error" };
        self.0.with_label_values(&[operation, outcome]).observe(took.as_secs_f64());
    }
}

fn span(command: &'static str) -> Span {
    info_span!(
        target: "otel",
        "command",
        otel.name = command,
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = "redis",
        db.operation.name = command,
    )
}
