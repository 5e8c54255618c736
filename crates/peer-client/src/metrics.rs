use std::time::Duration;

use metrics::metrics;
use prometheus::{HistogramVec, IntCounter, IntGauge};

metrics! {
    /// What a service measures of the peers that it asks.
    pub struct PeerMetrics {
        /// Time of one attempt to ask a peer
        duration: HistogramVec = "http_client_request_duration_seconds" ["peer", "outcome"];
        /// Attempts to ask a peer after the first
        retries: IntCounterVec = "http_client_retries_total" ["peer"];
        /// 1 while a peer is left alone after repeated failures
        breaker_open: IntGaugeVec = "http_client_breaker_open" ["peer"];
    }
}

impl PeerMetrics {
    /// Those of one peer, from now on at 0.
    pub(crate) fn of(&self, peer: &'static str) -> OnePeer {
        OnePeer {
            peer,
            duration: self.duration.clone(),
            retries: self.retries.with_label_values(&[peer]),
            breaker_open: self.breaker_open.with_label_values(&[peer]),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct OnePeer {
    peer: &'static str,
    duration: HistogramVec,
    pub(crate) retries: IntCounter,
    pub(crate) breaker_open: IntGauge,
}

impl OnePeer {
    /// `outcome` is the status class of an answer (`2xx`, …) or `error`.
    pub(crate) fn observe(&self, outcome: Option<u16>, took: Duration) {
        let outcome = match outcome {
            Some(200..300) => "2xx",
            Some(300..400) => "3xx",
            Some(400..500) => "4xx",
            Some(_) => "5xx",
            None => "error",
        };
        self.duration.with_label_values(&[self.peer, outcome]).observe(took.as_secs_f64());
    }
}

metrics! {
    /// What a service measures of the caches whose entries it confirms by their version.
    pub struct VersionedCacheMetrics {
        /// Look-ups in caches of what peers sent and of what was made of it, by whether an entry was there and still holds
        lookups: IntCounterVec = "scheduling_cache_lookups_total" ["kind", "outcome"];
    }
}

impl VersionedCacheMetrics {
    /// Those of one cache, from now on at 0.
    pub fn of(&self, kind: &'static str) -> CacheLookups {
        let [hits, misses] = ["hit", "miss"].map(|outcome| self.lookups.with_label_values(&[kind, outcome]));
        CacheLookups { hits, misses }
    }
}

/// The look-ups in one cache.
#[derive(Clone, Debug)]
pub struct CacheLookups {
    hits: IntCounter,
    misses: IntCounter,
}

impl CacheLookups {
    /// Counts one, by whether an entry was there and still holds.
    pub fn count(&self, is_hit: bool) {
        if is_hit { self.hits.inc() } else { self.misses.inc() }
    }
}
