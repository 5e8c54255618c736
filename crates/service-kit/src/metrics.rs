use std::{collections::BTreeMap, time::Duration};

use axum::http::{Method, StatusCode};
use metrics::metrics;
use prometheus::{Encoder, IntGauge, Opts, Registry, TextEncoder, proto::MetricFamily};

/// Bucket bounds in seconds of `http.server.request.duration`, from OpenTelemetry's semantic conventions for HTTP.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

metrics! {
    /// Requests by route, method and status, and those under way.
    pub(crate) struct HttpMetrics {
        /// Time from a request's head to its reply's, without waiting for its body
        duration: HistogramVec = "http_server_request_duration_seconds"
            ["http_route", "http_request_method", "http_response_status_code"] in BUCKETS;
        /// Requests under way
        active: IntGauge = "http_server_active_requests";
    }
}

impl HttpMetrics {
    /// Counts a request as under way until the guard is dropped.
    pub(crate) fn begin(&self) -> ActiveRequest {
        self.active.inc();
        ActiveRequest(self.active.clone())
    }

    pub(crate) fn observe(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        self.duration.with_label_values(&[route, known(method), status.as_str()]).observe(took.as_secs_f64());
    }
}

pub(crate) struct ActiveRequest(IntGauge);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Registers `w2meet_build_info{version}`, which is always 1.
pub(crate) fn register_build_info(registry: &Registry) -> Result<(), prometheus::Error> {
    let options = Opts::new("w2meet_build_info", "Which version runs; always 1")
        .const_label("version", env!("CARGO_PKG_VERSION"));
    let info = IntGauge::with_opts(options)?;
    info.set(1);
    registry.register(Box::new(info))
}

/// Clients can send any word as a method; a label must not grow with them.
pub(crate) fn known(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::CONNECT,
        Method::TRACE,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}

/// The metrics of several registries as one page in Prometheus's text format: what several services of one process
/// measure under one name stands under one heading.
///
/// # Errors
/// When a family cannot be written, which is a fault of this code.
pub fn encode<'a>(registries: impl IntoIterator<Item = &'a Registry>) -> Result<Vec<u8>, prometheus::Error> {
    let mut families: BTreeMap<String, MetricFamily> = BTreeMap::new();
    for mut family in registries.into_iter().flat_map(Registry::gather) {
        match families.get_mut(family.name()) {
            Some(known) => known.mut_metric().extend(family.take_metric()),
            None => {
                families.insert(family.name().to_owned(), family);
            }
        }
    }
    let mut page = Vec::new();
    TextEncoder::new().encode(&families.into_values().collect::<Vec<_>>(), &mut page)?;
    Ok(page)
}
