use std::time::Duration;

use metrics::metrics;
use prometheus::{
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::{Engine, SqlError, pool::Pool};

/// Bucket bounds in seconds of `db.client.operation.duration`, from OpenTelemetry's semantic conventions.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

const OK: &str = "ok";
const UNAVAILABLE: &str = "unavailable";
const ERROR: &str = "error";

metrics! {
    /// What is measured of a database, named by OpenTelemetry's semantic conventions.
    pub(crate) struct DbMetrics {
        /// Time of a statement, or of the wait for a connection that ended without one
        times: HistogramVec = "db_client_operation_duration_seconds" ["db_system_name", "outcome"] in BUCKETS;
        /// Connections to the database by their state
        count: IntGaugeVec = "db_client_connection_count" ["state"];
        /// Connections to the database that may be open
        max: IntGauge = "db_client_connection_max";
    }
}

impl DbMetrics {
    /// Those of a database with at most so many connections; all counters begin at 0.
    pub(crate) fn of(engine: Engine, connections: u32) -> Result<DbMetrics, prometheus::Error> {
        let metrics = DbMetrics::new()?;
        metrics.max.set(connections.into());
        for outcome in [OK, UNAVAILABLE, ERROR] {
            metrics.times.with_label_values(&[engine.name(), outcome]);
        }
        Ok(metrics)
    }

    pub(crate) fn observe<T>(&self, engine: Engine, result: &Result<T, SqlError>, took: Duration) {
        let outcome = match result {
            Ok(_) => OK,
            Err(error) if error.is_unavailable() => UNAVAILABLE,
            Err(_) => ERROR,
        };
        self.times.with_label_values(&[engine.name(), outcome]).observe(took.as_secs_f64());
    }
}

/// The metrics of a database, and its connections as they are when the metrics are read.
#[derive(Clone)]
pub struct DbCollector {
    pub(crate) pool: Pool,
    pub(crate) metrics: DbMetrics,
}

impl Collector for DbCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.metrics.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let status = self.pool.status();
        for (state, count) in
            [("idle", status.available), ("used", status.size.saturating_sub(status.available))]
        {
            self.metrics.count.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.metrics.collect()
    }
}
