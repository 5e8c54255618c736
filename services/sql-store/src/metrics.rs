use prometheus::{
    IntGaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};
use sqlx::AnyPool;

/// Reports a pool's use as `db_client_connection_count` (OpenTelemetry's `db.client.connection.count`): connections
/// by `state`, `idle` or `used`, read when the metrics are.
#[derive(Clone, Debug)]
pub struct PoolCollector {
    pool: AnyPool,
    count: IntGaugeVec,
}

impl PoolCollector {
    pub(crate) fn new(pool: AnyPool) -> Result<PoolCollector, prometheus::Error> {
        let options = Opts::new("db_client_connection_count", "Connections to the database by their state");
        Ok(PoolCollector { pool, count: IntGaugeVec::new(options, &["state"])? })
    }
}

impl Collector for PoolCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.count.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let all = i64::from(self.pool.size());
        // The two numbers are not read at one instant, so more may be idle than there were.
        let idle = i64::try_from(self.pool.num_idle()).unwrap_or(all).min(all);
        self.count.with_label_values(&["idle"]).set(idle);
        self.count.with_label_values(&["used"]).set(all - idle);
        self.count.collect()
    }
}
