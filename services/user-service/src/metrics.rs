use metrics::metrics;

/// How a person was read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Hit,
    /// From the database, by a query for this reader.
    Miss,
    /// From the database, by a query that another reader asked for too.
    Coalesced,
    /// From the database, past the cache: it cannot be used, or the person was just being written.
    Bypass,
}

metrics! {
    /// What the service measures besides its requests.
    pub(crate) struct CacheMetrics {
        /// People read, by how the cache took part
        reads: IntCounterVec = "people_cache_reads_total" ["outcome"],
            at 0 for [["hit"], ["miss"], ["coalesced"], ["bypass"]];
    }
}

impl CacheMetrics {
    pub(crate) fn count(&self, outcome: Outcome, people: usize) {
        let outcome = match outcome {
            Outcome::Hit => "hit",
            Outcome::Miss => "miss",
            Outcome::Coalesced => "coalesced",
            Outcome::Bypass => "bypass",
        };
        let people = u64::try_from(people).unwrap_or(u64::MAX);
        self.reads.with_label_values(&[outcome]).inc_by(people);
    }
}
