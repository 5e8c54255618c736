use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{error, info};

use super::Surroundings;
use crate::{ApiError, chain, metrics::known};

/// Measures each request, and writes one line for it. Both name the route that matched and never the path itself, which
/// has addresses of people in it.
pub(crate) async fn request_log(
    State(surroundings): State<Arc<Surroundings>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let metrics = &surroundings.service.http;
    let _active = metrics.begin();
    let response = next.run(request).await;
    let took = started.elapsed();
    metrics.observe(route, &method, response.status(), took);
    log(&response, known(&method), route, took);
    response
}

/// A failure's line carries its whole chain of causes, and no other line does.
fn log(response: &Response, method: &str, route: &str, took: Duration) {
    let status = response.status().as_u16();
    let ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1000.0;
    match response.extensions().get::<ApiError>() {
        Some(failure) if status >= 500 => {
            error!(method, route, status, ms, error = %chain(failure), "request failed")
        }
        Some(refusal) => info!(method, route, status, ms, reason = refusal.codes(), "request refused"),
        None => info!(method, route, status, ms, "request"),
    }
}
