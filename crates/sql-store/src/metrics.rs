use std::time::Duration;

use crate::{Engine, SqlError, pool::Pool};
use prometheus::{
    HistogramOpts, HistogramVec, IntGauge, IntGaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

/// Bucket bounds in seconds of `db.client.operation.duration`, from OpenTelemetry's semantic conventions.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

const OK: &str = "ok";
const UNAVAILABLE: &str = "unavailable";
const ERROR: &str = "error";

/// Times statements by how they end: `db_client_operation_duration_seconds{db_system_name,outcome}`.
#[derive(Clone, Debug)]
pub(crate) struct Times(HistogramVec);

impl Times {
    pub(crate) fn new(engine: Engine) -> Result<Times, prometheus::Error> {
        let options = HistogramOpts::new(
            "db_client_operation_duration_seconds",
            "Time of a statement, or of the wait for a connection that ended without one",
        )
        .const_label("db_system_name", engine.name())
        .buckets(BUCKETS.to_vec());
        let times = HistogramVec::new(options, &["outcome"])?;
        // A counter that appears at 1 has not grown as far as Prometheus can tell; so all begin at 0.
        for outcome in [OK, UNAVAILABLE, ERROR] {
            times.with_label_values(&[outcome]);
        }
        Ok(Times(times))
    }

    pub(crate) fn observe<T>(&self, result: &Result<T, SqlError>, took: Duration) {
        let outcome = match result {
            Ok(_) => OK,
            Err(error) if error.is_unavailable() => UNAVAILABLE,
            Err(_) => ERROR,
        };
        self.0.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }
}

/// Reports the times of statements, and the pool's use as `db_client_connection_count` (OpenTelemetry's
/// `db.client.connection.count`): connections by `state`, `idle` or `used`, read when the metrics are, and
/// `db_client_connection_max`.
#[derive(Clone)]
pub struct DbCollector {
    pool: Pool,
    count: IntGaugeVec,
    max: IntGauge,
    times: Times,
}

impl DbCollector {
    pub(crate) fn new(pool: Pool, times: Times) -> Result<DbCollector, prometheus::Error> {
        let options = Opts::new("db_client_connection_count", "Connections to the database by their state");
        let count = IntGaugeVec::new(options, &["state"])?;
        let max = IntGauge::new("db_client_connection_max", "Connections to the database that may be open")?;
        max.set(count_of(pool.status().max_size));
        Ok(DbCollector { pool, count, max, times })
    }
}

impl Collector for DbCollector {
    fn desc(&self) -> Vec<&Desc> {
        [self.count.desc(), self.max.desc(), self.times.0.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let status = self.pool.status();
        self.count.with_label_values(&["idle"]).set(count_of(status.available));
        self.count.with_label_values(&["used"]).set(count_of(status.size.saturating_sub(status.available)));
        [self.count.collect(), self.max.collect(), self.times.0.collect()].concat()
    }
}

fn count_of(connections: usize) -> i64 {
    i64::try_from(connections).unwrap_or(i64::MAX)
}
