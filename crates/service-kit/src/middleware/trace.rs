use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use opentelemetry::trace::Status;
use tracing::{Instrument, error_span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

use super::{MiddlewareState, client_address::client_address};
use crate::{ApiError, RequestContext, chain, metrics::known, propagation};

/// Gives each request its span, for log lines and for its trace, and the [`RequestContext`] that handlers take.
pub(super) async fn trace(
    state: &MiddlewareState,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = known(request.method()).to_owned();
    let case_id = request.extensions().get::<CaseId>().cloned().unwrap_or_else(CaseId::fresh);
    // A root even when another service of this process asks, and an error's so that lines of every level carry it.
    let span = error_span!(
        parent: None,
        "request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        service = state.service.name,
        case_id = case_id.as_str(),
        trace_id = Empty,
        span_id = Empty,
    );
    let caller = propagation::of_headers(request.headers());
    propagation::connect(&span, &caller);
    let client = client_address(&request, &state.trusted_proxies);
    request.extensions_mut().insert(RequestContext::new(case_id, client, caller));

    let response = next(request).instrument(span.clone()).await;

    span.set_attribute("http.request.method", method);
    span.set_attribute("http.route", route.to_owned());
    span.set_attribute("http.response.status_code", i64::from(response.status().as_u16()));
    if response.status().is_server_error() {
        span.set_status(Status::error(why(&response)));
    }
    response
}

/// What to tell of a failure in its trace.
fn why(response: &Response) -> String {
    match response.extensions().get::<ApiError>() {
        Some(failure) => chain(failure).to_string(),
        None => response.status().canonical_reason().unwrap_or("server error").to_owned(),
    }
}
