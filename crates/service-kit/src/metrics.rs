use std::{collections::BTreeMap, time::Duration};

use axum::http::{Method, StatusCode};
use metrics::{Counted, REQUEST_SECONDS, metrics};
use prometheus::{Encoder, Registry, TextEncoder, proto::MetricFamily};

metrics! {
    /// Requests by route, method and status, and those under way.
    pub(crate) struct HttpMetrics {
        /// Time from a request's head to its reply's, without waiting for its body
        duration: HistogramVec = "http_server_request_duration_seconds"
            ["http_route", "http_request_method", "http_response_status_code"] in REQUEST_SECONDS;
        /// Which version runs; always 1
        build: IntGaugeVec = "w2meet_build_info" ["version"];
        /// Requests under way
        active: IntGauge = "http_server_active_requests";
    }
}

impl HttpMetrics {
    pub(crate) fn show_version(&self) {
        self.build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    }

    /// Counts a request as under way until the guard is dropped.
    pub(crate) fn begin(&self) -> Counted {
        Counted::new(&self.active)
    }

    pub(crate) fn observe(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        self.duration.with_label_values(&[route, known(method), status.as_str()]).observe(took.as_secs_f64());
    }
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
