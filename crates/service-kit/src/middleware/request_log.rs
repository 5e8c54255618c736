use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use tokio::time::Instant;
use tracing::{error, field::display, info};

use super::{MiddlewareState, drain_body::BodyProgress};
use crate::{ApiError, RequestContext, ServeArgs, chain, metrics::known};

/// Measures each request, and writes a line for it. Both name the route that matched and never the path itself, which
/// has addresses of people in it. The line has the network address of the client, too.
pub(super) async fn request_log(
    state: &MiddlewareState,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let started = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let client = RequestContext::of_request(&request).client();
    let metrics = &state.service.http;
    let _active = metrics.begin();
    let body = request.extensions().get::<BodyProgress>().cloned();
    let response = next(request).await;
    let took = started.elapsed();
    // The client's time is not ours: a body that comes slowly is no slow answer.
    let waited = body.map_or(Duration::ZERO, |body| body.waited());
    metrics.observe(route, &method, response.status(), took.saturating_sub(waited));
    if response.status().is_server_error() || state.sample.takes(took) {
        log(&response, known(&method), route, client, took);
    }
    response
}

/// Which requests that did not fail have a line.
#[derive(Debug)]
pub(super) struct Sample {
    /// All that took as long.
    slow: Duration,
    /// Of the others one in so many; none with 0.
    one_in: u64,
    seen: AtomicU64,
}

impl Sample {
    pub(super) fn new(args: &ServeArgs) -> Sample {
        let slow = Duration::from_millis(args.log_slow_ms);
        Sample { slow, one_in: args.log_one_in, seen: AtomicU64::new(0) }
    }

    fn takes(&self, took: Duration) -> bool {
        took >= self.slow || self.seen.fetch_add(1, Relaxed).checked_rem(self.one_in) == Some(0)
    }
}

/// A failure's line carries its whole chain of causes, and no other line does.
fn log(response: &Response, method: &str, route: &str, client: Option<IpAddr>, took: Duration) {
    let client = client.map(display);
    let status = response.status().as_u16();
    let ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1000.0;
    match response.extensions().get::<ApiError>() {
        Some(failure) if status >= 500 && !failure.is_overload() => {
            error!(method, route, client, status, ms, error = %chain(failure), "request failed")
        }
        Some(refusal) => {
            info!(method, route, client, status, ms, reason = refusal.codes(), "request refused")
        }
        None => info!(method, route, client, status, ms, "request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_requests_have_a_line_and_of_the_others_one_in_so_many() {
        for (one_in, expected) in [(0, 0), (1, 100), (10, 10)] {
            let sample = Sample { slow: Duration::from_secs(1), one_in, seen: AtomicU64::new(0) };
            let quick = (0..100).filter(|_| sample.takes(Duration::from_millis(1))).count();
            assert_eq!(quick, expected, "one in {one_in}");
            assert!(sample.takes(Duration::from_secs(1)));
        }
    }
}
