use std::{collections::BTreeMap, convert::Infallible, sync::LazyLock};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

use crate::trace::Part;

pub(crate) const CASE_ID: HeaderName = HeaderName::from_static("case-id");
/// W3C Trace Context (<https://www.w3.org/TR/trace-context/>).
const TRACE_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("traceparent"), HeaderName::from_static("tracestate")];

static PROPAGATOR: LazyLock<TraceContextPropagator> = LazyLock::new(TraceContextPropagator::new);

/// What goes along with a request or a job through all services: its Case-ID and its trace.
#[derive(Clone, Debug)]
pub struct Ctx {
    case_id: CaseId,
    trace: Trace,
}

/// Where the trace context for onward calls comes from.
#[derive(Clone, Debug)]
enum Trace {
    /// From the current span.
    Span,
    /// This; nothing is recorded of it.
    Silent(SpanContext),
    /// From the caller, since this process does not; what is behind it may.
    Caller(Vec<(HeaderName, HeaderValue)>),
}

impl Ctx {
    /// The context of a request with these headers, which is this part of its trace.
    pub(crate) fn of_request(case_id: CaseId, headers: &HeaderMap, part: &Part) -> Ctx {
        let given = |name: HeaderName| headers.get(&name).map(|value| (name, value.clone()));
        Ctx { case_id, trace: Trace::of(part, given) }
    }

    /// The context of a job that came from a queue with this Case-ID and these headers.
    pub(crate) fn of_message(case_id: CaseId, headers: &BTreeMap<String, String>, part: &Part) -> Ctx {
        let given = |name: HeaderName| {
            let value = HeaderValue::from_str(headers.get(name.as_str())?).ok()?;
            Some((name, value))
        };
        Ctx { case_id, trace: Trace::of(part, given) }
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
            Trace::Span | Trace::Silent(_) => self.trace.inject(&mut HeaderInjector(&mut headers)),
        }
        headers
    }

    /// The trace context of the current span as text, for the headers of a queue message.
    pub fn carrier(&self) -> BTreeMap<String, String> {
        let mut carrier = BTreeMap::new();
        match &self.trace {
            Trace::Span | Trace::Silent(_) => self.trace.inject(&mut MapInjector(&mut carrier)),
            Trace::Caller(given) => carrier.extend(
                given
                    .iter()
                    .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))),
            ),
        }
        carrier
    }
}

/// The caller's Case-ID, or a new one.
pub(crate) fn case_id(headers: &HeaderMap) -> CaseId {
    let given = headers.get(CASE_ID).and_then(|value| CaseId::parse(value.to_str().ok()?));
    given.unwrap_or_else(CaseId::fresh)
}

impl Trace {
    fn of(part: &Part, given: impl Fn(HeaderName) -> Option<(HeaderName, HeaderValue)>) -> Trace {
        match part {
            Part::Untraced => Trace::Caller(TRACE_HEADERS.into_iter().filter_map(given).collect()),
            Part::Recorded(..) => Trace::Span,
            Part::Silent(silent) => Trace::Silent(silent.context.clone()),
        }
    }

    fn inject(&self, injector: &mut dyn Injector) {
        let context = match self {
            Trace::Silent(context) => Context::new().with_remote_span_context(context.clone()),
            Trace::Span | Trace::Caller(_) => Span::current().context(),
        };
        PROPAGATOR.inject_context(&context, injector);
    }
}

/// The span that these headers name; none when they name none.
pub(crate) fn caller(headers: &dyn Extractor) -> Context {
    let nobody = Context::new();
    // Most often nobody is named, and to find that out in full costs more than the rest of an unsampled trace.
    match headers.get(TRACE_HEADERS[0].as_str()) {
        Some(_) => PROPAGATOR.extract_with_context(&nobody, headers),
        None => nobody,
    }
}

/// Makes `span` a child of the one whose context these headers of a message carry, without keeping that one open.
pub fn continue_trace(span: &Span, headers: &BTreeMap<String, String>) {
    if !span.is_disabled() {
        // It fails only for a span that is filtered out, and then there is nothing to connect.
        let _ = span.set_parent(caller(&MapExtractor(headers)));
    }
}

struct HeaderInjector<'a>(&'a mut HeaderMap);

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = TRACE_HEADERS.into_iter().find(|name| name.as_str() == key);
        // The state of a trace is most often empty.
        if let (Some(name), Ok(value), false) = (name, HeaderValue::try_from(&value), value.is_empty()) {
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
        Ok(parts
            .extensions
            .get::<Ctx>()
            .cloned()
            .unwrap_or_else(|| Ctx::of_request(case_id(&parts.headers), &parts.headers, &Part::Untraced)))
    }
}
