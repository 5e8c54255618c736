use std::time::Duration;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};

/// What a service measures of the peers that it asks. Clones count together.
#[derive(Clone, Debug)]
pub struct PeerMetrics {
    duration: HistogramVec,
    retries: IntCounterVec,
    breaker_open: IntGaugeVec,
}

impl PeerMetrics {
    /// Registers `http_client_request_duration_seconds{peer,outcome}`, `http_client_retries_total{peer}` and
    /// `http_client_breaker_open{peer}`.
    ///
    /// # Errors
    /// When the registry has them already.
    pub fn register(registry: &Registry) -> Result<PeerMetrics, prometheus::Error> {
        let duration = HistogramVec::new(
            HistogramOpts::new("http_client_request_duration_seconds", "Time of one attempt to ask a peer"),
            &["peer", "outcome"],
        )?;
        let retries = IntCounterVec::new(
            Opts::new("http_client_retries_total", "Attempts to ask a peer after the first"),
            &["peer"],
        )?;
        let breaker_open = IntGaugeVec::new(
            Opts::new("http_client_breaker_open", "1 while a peer is left alone after repeated failures"),
            &["peer"],
        )?;
        for collector in [
            Box::new(duration.clone()) as Box<dyn Collector>,
            Box::new(retries.clone()),
            Box::new(breaker_open.clone()),
        ] {
            registry.register(collector)?;
        }
        Ok(PeerMetrics { duration, retries, breaker_open })
    }

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

/// What is measured of one peer.
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
