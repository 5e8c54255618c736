use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

/// How a person was read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// From the cache.
    Hit,
    /// From the database, by a query for this reader.
    Miss,
    /// From the database, by a query that another reader asked for too.
    Coalesced,
    /// From the database, past the cache: it cannot be used, or the person was just being written.
    Bypass,
}

/// What the service measures besides its requests.
#[derive(Clone, Debug)]
pub(crate) struct CacheMetrics {
    hit: IntCounter,
    miss: IntCounter,
    coalesced: IntCounter,
    bypass: IntCounter,
}

impl CacheMetrics {
    /// Makes the metrics known to `registry`, with all outcomes at 0.
    ///
    /// # Errors
    /// When they are known there already, which is a fault of this code.
    pub(crate) fn register(registry: &Registry) -> Result<CacheMetrics, prometheus::Error> {
        let options = Opts::new("people_cache_reads_total", "People read, by how the cache took part");
        let reads = IntCounterVec::new(options, &["outcome"])?;
        registry.register(Box::new(reads.clone()))?;
        let of = |outcome| reads.with_label_values(&[outcome]);
        Ok(CacheMetrics {
            hit: of("hit"),
            miss: of("miss"),
            coalesced: of("coalesced"),
            bypass: of("bypass"),
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
}
