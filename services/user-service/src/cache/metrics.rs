use std::{future::Future, time::Instant};

use metrics::metrics;
use tracing::{Instrument, Span, field::Empty, info_span};

use super::{CacheError, FailureCause};

/// Bucket bounds in seconds; a command takes some tenths of a millisecond, and its deadline is far below a second.
const BUCKETS: [f64; 9] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.025, 0.1, 0.5];

metrics! {
    /// What is measured of Redis.
    pub(crate) struct RedisMetrics {
        /// Whether a shared cache is in use, 1 or 0
        pub(super) in_use: IntGauge = "people_cache_in_use";
        /// Time of one command to Redis
        times: HistogramVec = "people_cache_operation_duration_seconds" ["operation", "outcome"] in BUCKETS;
        /// Failed commands and connections to Redis
        failures: IntCounterVec = "people_cache_failures_total" ["cause"],
            at 0 for FailureCause::ALL.map(|cause| [cause.0]);
    }
}

impl RedisMetrics {
    pub(super) fn count_failure(&self, cause: FailureCause) {
        self.failures.with_label_values(&[cause.0]).inc();
    }

    /// Times `answer`, and puts it into a span named after the command, for traces.
    pub(super) async fn time<T>(
        &self,
        operation: &str,
        command: &'static str,
        answer: impl Future<Output = Result<T, CacheError>>,
    ) -> Result<T, CacheError> {
        let span = span(command);
        let start = Instant::now();
        let result = answer.instrument(span.clone()).await;
        let outcome = if result.is_ok() { "ok" } else { "error" };
        self.times.with_label_values(&[operation, outcome]).observe(start.elapsed().as_secs_f64());
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        result
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
