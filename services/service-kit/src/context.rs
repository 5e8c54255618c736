use std::{collections::BTreeMap, convert::Infallible};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
    trace::Status,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

pub(crate) const CASE_ID: HeaderName = HeaderName::from_static("case-id");
/// W3C Trace Context (<https://www.w3.org/TR/trace-context/>).
const TRACE_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("traceparent"), HeaderName::from_static("tracestate")];

/// What goes along with a request or a job through all services: its Case-ID and its trace.
#[derive(Clone, Debug)]
pub struct Ctx {
    case_id: CaseId,
    trace: Trace,
}

/// Where the trace context for onward calls comes from.
#[derive(Clone, Debug)]
enum Trace {
    /// From the current span, since this process traces.
    Span,
    /// From the caller, since this process does not; what is behind it may.
    Caller(Vec<(HeaderName, HeaderValue)>),
}

impl Ctx {
    /// The context of a request with these headers. When `tracing`, `span` becomes a child of the caller's span.
    pub(crate) fn of_request(headers: &HeaderMap, tracing: bool) -> Ctx {
        let case_id = headers
            .get(CASE_ID)
            .and_then(|value| CaseId::parse(value.to_str().ok()?))
            .unwrap_or_else(CaseId::fresh);
        let trace = if tracing {
            Trace::Span
        } else {
            let given = |name: HeaderName| headers.get(&name).map(|value| (name, value.clone()));
            Trace::Caller(TRACE_HEADERS.into_iter().filter_map(given).collect())
        };
        Ctx { case_id, trace }
    }

    /// The context of a job that came from a queue with this Case-ID and these headers.
    pub(crate) fn of_message(case_id: CaseId, headers: &BTreeMap<String, String>, tracing: bool) -> Ctx {
        let trace = if tracing {
            Trace::Span
        } else {
            let given = |name: HeaderName| {
                let value = HeaderValue::from_str(headers.get(name.as_str())?).ok()?;
                Some((name, value))
            };
            Trace::Caller(TRACE_HEADERS.into_iter().filter_map(given).collect())
        };
        Ctx { case_id, trace }
    }

    /// The id that follows the request.
    pub fn case_id(&self) -> &CaseId {
        &self.case_id
    }

    /// The headers to send on every onward HTTP call: Case-ID and W3C trace context of the current span.
    pub fn onward(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3);
        if let Ok(value) = HeaderValue::from_str(self.case_id.as_str()) {
            headers.insert(CASE_ID, value);
        }
        match &self.trace {
            Trace::Caller(given) => headers.extend(given.iter().cloned()),
            Trace::Span => inject(&mut HeaderInjector(&mut headers)),
        }
        headers
    }

    /// The trace context of the current span as text, for the headers of a queue message.
    pub fn carrier(&self) -> BTreeMap<String, String> {
        let mut carrier = BTreeMap::new();
        match &self.trace {
            Trace::Span => inject(&mut MapInjector(&mut carrier)),
            Trace::Caller(given) => carrier.extend(
                given
                    .iter()
                    .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))),
            ),
        }
        carrier
    }
}

fn inject(injector: &mut dyn Injector) {
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&Span::current().context(), injector)
    });
}

/// Makes `span` a child of the span that the carrier names; without one it starts a trace.
pub(crate) fn adopt(span: &Span, carrier: &dyn Extractor) {
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(carrier));
    // It fails only for a span that is filtered out, and then there is nothing to connect.
    let _ = span.set_parent(parent);
}

/// Makes `span` a child of the one whose context these headers of a message carry, without keeping that one open.
pub fn continue_trace(span: &Span, headers: &BTreeMap<String, String>) {
    if !span.is_disabled() {
        adopt(span, &MapExtractor(headers));
    }
}

/// Marks a span as failed, so that its trace is kept whatever the sampling; does nothing when it is not traced.
pub fn mark_failed(span: &Span, why: &'static str) {
    span.set_status(Status::error(why));
}

struct HeaderInjector<'a>(&'a mut HeaderMap);

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

struct MapInjector<'a>(&'a mut BTreeMap<String, String>);

impl Injector for MapInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }
}

pub(crate) struct HeaderExtractor<'a>(pub(crate) &'a HeaderMap);

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

pub(crate) struct MapExtractor<'a>(pub(crate) &'a BTreeMap<String, String>);

impl Extractor for MapExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Ctx, Infallible> {
        Ok(parts.extensions.get::<Ctx>().cloned().unwrap_or_else(|| Ctx::of_request(&parts.headers, false)))
    }
}
