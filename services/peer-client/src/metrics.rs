use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntGauge, Registry};

/// What a service measures of the peer that it asks.
#[derive(Clone, Debug)]
pub struct PeerMetrics {
    duration: HistogramVec,
    pub(crate) retries: IntCounter,
    pub(crate) breaker_open: IntGauge,
}

impl PeerMetrics {
    /// Registers `http_client_request_duration_seconds{outcome}`, `http_client_retries_total` and
    /// `http_client_breaker_open`.
    ///
    /// # Errors
    /// When the registry has them already: a service asks one peer.
    pub fn register(registry: &Registry) -> Result<PeerMetrics, prometheus::Error> {
        let options =
            HistogramOpts::new("http_client_request_duration_seconds", "Time of one attempt to ask the peer");
        let duration = HistogramVec::new(options, &["outcome"])?;
        let retries = IntCounter::new("http_client_retries_total", "Attempts after the first")?;
        let breaker_open = IntGauge::new(
            "http_client_breaker_open",
            "1 while the peer is left alone after repeated failures",
        )?;
        registry.register(Box::new(duration.clone()))?;
        registry.register(Box::new(retries.clone()))?;
        registry.register(Box::new(breaker_open.clone()))?;
        Ok(PeerMetrics { duration, retries, breaker_open })
    }

    /// `outcome` is the status class of an answer (`2xx`, …) or `error`.
    pub(crate) fn observe(&self, outcome: Option<u16>, took: Duration) {
        let outcome = match outcome {
            Some(200..300) => "2xx",
            Some(300..400) => "3xx",
            Some(400..500) => "4xx",
            Some(_) => "5xx",
            None => "error",
        };
        self.duration.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }
}
