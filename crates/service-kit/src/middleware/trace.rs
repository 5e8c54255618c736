use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use opentelemetry::{KeyValue, trace::SpanKind};
use tracing::{Span, error_span, field::Empty};
use wire::CaseId;

use super::{Surroundings, client_address::client_address};
use crate::{
    ApiError, RequestContext, ServiceContext, chain,
    metrics::known,
    trace::{Description, Work},
    w3c,
};

const STATUS_CODE: &str = "http.response.status_code";

/// Gives each request the span of its log lines, its part in a trace, and the [`RequestContext`] that handlers take.
pub(crate) async fn trace(
    State(surroundings): State<Arc<Surroundings>>,
    mut request: Request,
    next: Next,
) -> Response {
    let service = &surroundings.service;
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let case_id = request.extensions().get::<CaseId>().cloned().unwrap_or_else(CaseId::fresh);
    let describe = |case_id: &CaseId| description(service.name, case_id, route, &method);
    let span = request_span(service, &case_id);
    let headers = request.headers();
    let caller = || w3c::caller(|name| headers.get(name)?.to_str().ok());
    let part = service.tracing.part(&span, caller, || describe(&case_id));
    let client = client_address(&request, &surroundings.trusted_proxies);
    let context = RequestContext::of_request(case_id, client, headers, &part);
    let work = Work::new(span, part);
    request.extensions_mut().insert(context.clone());
    let answered = async {
        let response = next.run(request).await;
        if response.status().is_server_error() {
            work.show_silent_ids();
        }
        response
    };
    let response = work.run(answered).await;

    let status = response.status();
    let code = i64::from(status.as_u16());
    work.set(STATUS_CODE, code);
    if status.is_server_error() {
        let with_status = || {
            let mut description = describe(context.case_id());
            description.attributes.push(KeyValue::new(STATUS_CODE, code));
            description
        };
        work.fail(with_status, why(&response));
    }
    response
}

/// What log lines carry, of whichever level they are.
fn request_span(service: &ServiceContext, case_id: &CaseId) -> Span {
    // A root even when another service of this process asks.
    error_span!(
        parent: None,
        "request",
        service = service.name,
        case_id = case_id.as_str(),
        trace_id = Empty,
        span_id = Empty,
    )
}

fn description(service: &'static str, case_id: &CaseId, route: &str, method: &Method) -> Description {
    let method = known(method);
    let attributes = vec![
        KeyValue::new("service", service),
        KeyValue::new("case_id", case_id.as_str().to_owned()),
        KeyValue::new("http.request.method", method.to_owned()),
        KeyValue::new("http.route", route.to_owned()),
    ];
    Description { name: format!("{method} {route}"), kind: SpanKind::Server, attributes }
}

/// What to tell of a failure in its trace.
fn why(response: &Response) -> String {
    match response.extensions().get::<ApiError>() {
        Some(failure) => chain(failure).to_string(),
        None => response.status().canonical_reason().unwrap_or("server error").to_owned(),
    }
}
