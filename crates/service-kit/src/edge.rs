//! What happens around every handler: Case-ID, span, deadline, panics, error shape, metrics, one log line.

use std::{borrow::Cow, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use opentelemetry::{KeyValue, trace::SpanKind};
use tokio::time::{Instant, timeout};
use tracing::{Span, error, error_span, field::Empty, info};
use wire::{CaseId, ErrorBody, Fault};

use crate::{
    ApiError, ServiceContext, chain,
    metrics::known,
    request_context::{self, CASE_ID, RequestContext},
    trace::{Description, Work},
    unread::Unread,
    w3c,
};

/// Largest body that is read, in bytes; a larger one is answered with 413.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Seconds after which a client may ask again when something was away.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

const STATUS_CODE: &str = "http.response.status_code";

/// A request's whole body, within [`BODY_LIMIT`].
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Body, ApiError> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Body(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                let msg = format!("The body is larger than {BODY_LIMIT} bytes");
                Err(ApiError::http(StatusCode::PAYLOAD_TOO_LARGE, msg))
            }
            Err(rejection) => {
                let fault = Fault::new(["body"], "value_error", "The body could not be read to its end");
                Err(ApiError::bad_request(vec![fault]).because(rejection))
            }
        }
    }
}

/// What the edge needs besides the request.
pub(crate) struct Edge {
    pub(crate) service: ServiceContext,
    pub(crate) request_timeout: Duration,
}

/// The layer itself; see the module.
pub(crate) async fn edge(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let service = &edge.service;
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let case_id = request_context::case_id(request.headers());
    let describe = |case_id: &CaseId| description(service.name, case_id, route, &method);
    let span = request_span(service, &case_id);
    let headers = request.headers();
    let caller = || w3c::caller(|name| headers.get(name)?.to_str().ok());
    let part = service.tracing.part(&span, caller, || describe(&case_id));
    let context = RequestContext::of_request(case_id, headers, &part);
    let work = Work::new(span, part);
    request.extensions_mut().insert(context.clone());
    let (request, unread) = Unread::watch(request);

    service.http.active.inc();
    let active = service.http.active.clone();
    let _under_way = Guard(move || active.dec());
    let handled = AssertUnwindSafe(timeout(edge.request_timeout, next.run(request))).catch_unwind();
    let answered = async {
        let response = match handled.await {
            Ok(Ok(response)) => response,
            Ok(Err(_elapsed)) => {
                let limit = edge.request_timeout;
                ApiError::unavailable(format!("The request was not done within {limit:?}")).into_response()
            }
            Err(panic) => ApiError::internal(panic_message(panic.as_ref())).into_response(),
        };
        if response.status().is_server_error() {
            work.show_silent_ids();
        }
        let took = started.elapsed();
        service.http.observe(route, &method, response.status(), took);
        log(&response, method.as_str(), &path, took);
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
    let mut response = shape(response, context.case_id());
    unread.finish(&mut response).await;
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

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let message =
        panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    format!("the handler panicked: {}", message.unwrap_or("without a message"))
}

/// One line for each request; a failure's line carries its whole chain of causes, and no other line does.
fn log(response: &Response, method: &str, path: &str, took: Duration) {
    let status = response.status().as_u16();
    let ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1000.0;
    match response.extensions().get::<ApiError>() {
        Some(failure) if status >= 500 => {
            error!(method, path, status, ms, error = %chain(failure), "request failed")
        }
        Some(refusal) => info!(method, path, status, ms, reason = %chain(refusal), "request refused"),
        None => info!(method, path, status, ms, "request"),
    }
}

/// Writes the error's body, unless the reply brings one of its own, and the Case-ID on every reply.
fn shape(response: Response, case_id: &CaseId) -> Response {
    let status = response.status();
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let mut response = if status.as_u16() < 400 || is_json { response } else { in_shape(response, case_id) };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(case_id.as_str()) {
        headers.insert(CASE_ID, value);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}

fn in_shape(response: Response, case_id: &CaseId) -> Response {
    let (mut parts, _body) = response.into_parts();
    let detail = match parts.extensions.get::<ApiError>() {
        Some(error) => Cow::Borrowed(error.detail()),
        None => Cow::Owned(vec![Fault::http(parts.status.canonical_reason().unwrap_or("Error"))]),
    };
    let body = Json(ErrorBody { case_id: case_id.as_str(), detail: &detail }).into_response();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(body.headers().clone());
    Response::from_parts(parts, body.into_body())
}

struct Guard<F: Fn()>(F);

impl<F: Fn()> Drop for Guard<F> {
    fn drop(&mut self) {
        self.0();
    }
}
