use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

use crate::cache::Cache;

/// How a person was read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// From the cache.
    Hit,
    /// From the database, by a query of this reader's own.
    Miss,
    /// From the database, by a query that was under way already.
    Coalesced,
    /// From the database, past the cache: it is away, or the person was just being written.
    Bypass,
}

/// What the service measures besides its requests.
#[derive(Clone, Debug)]
pub(crate) struct CacheMetrics {
    hit: IntCounter,
    miss: IntCounter,
    coalesced: IntCounter,
    bypass: IntCounter,
    trusted: IntGauge,
}

impl CacheMetrics {
    /// Makes the metrics known to `registry`, from their first moment on with all outcomes at 0, and those of a Redis when
    /// there is one.
    ///
    /// # Errors
    /// When they are known there already, which is a fault of this code.
    pub(crate) fn register(registry: &Registry, cache: &Cache) -> Result<CacheMetrics, prometheus::Error> {
        let options = Opts::new("people_cache_reads_total", "People read, by how the cache took part");
        let reads = IntCounterVec::new(options, &["outcome"])?;
        let trusted = IntGauge::new("people_cache_trusted", "Whether a shared cache is in use, 1 or 0")?;
        registry.register(Box::new(reads.clone()))?;
        if let Cache::Redis(redis) = cache {
            registry.register(Box::new(trusted.clone()))?;
            redis.times().register(registry)?;
        }
        let of = |outcome| reads.with_label_values(&[outcome]);
        Ok(CacheMetrics {
            hit: of("hit"),
            miss: of("miss"),
            coalesced: of("coalesced"),
            bypass: of("bypass"),
            trusted,
        })
    }

    pub(crate) fn count(&self, outcome: Outcome, people: usize) {
        let counter = match outcome {
            Outcome::Hit => &self.hit,
            Outcome::Miss => &self.miss,
            Outcome::Coalesced => &self.coalesced,
            Outcome::Bypass => &self.bypass,
        };
        counter.inc_by(u64::try_from(people).unwrap_or(u64::MAX));
    }

    pub(crate) fn trusted(&self, trusted: bool) {
        self.trusted.set(i64::from(trusted));
    }
}
