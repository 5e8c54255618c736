//! W3C Trace Context: from a request or a message into its span, and from the current span into those that go on.

use std::collections::{BTreeMap, HashMap};

use axum::http::HeaderMap;
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, field::display};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The trace that a request's headers name; an empty one where they name none.
pub(crate) fn of_headers(headers: &HeaderMap) -> Context {
    extract(&HeaderExtractor(headers))
}

/// The trace that the headers of a queue's message name.
pub(crate) fn of_message(headers: &BTreeMap<String, String>) -> Context {
    extract(&Message(headers))
}

fn extract(carrier: &dyn Extractor) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), carrier)
}

/// Puts the `span` of sending a message below the one that the message's headers name.
pub fn continue_trace(span: &Span, headers: &BTreeMap<String, String>) {
    connect(span, &of_message(headers));
}

/// Puts `span` below the caller's, and lets its log lines name the trace when it is recorded.
pub(crate) fn connect(span: &Span, caller: &Context) {
    // It fails where nothing is traced, and then there is nothing to connect.
    if span.set_parent(caller.clone()).is_ok() {
        let context = span.context();
        let ids = context.span().span_context().clone();
        if ids.is_sampled() {
            span.record("trace_id", display(ids.trace_id()));
            span.record("span_id", display(ids.span_id()));
        }
    }
}

/// Writes the headers of an onward call: the current span, or the `caller`'s where nothing is traced here.
pub(crate) fn inject(caller: &Context, headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(&current(caller), &mut HeaderInjector(headers));
}

/// The same for a message.
pub(crate) fn message_headers(caller: &Context) -> BTreeMap<String, String> {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&current(caller), &mut headers);
    headers.into_iter().collect()
}

fn current(caller: &Context) -> Context {
    let current = Span::current().context();
    if current.span().span_context().is_valid() { current } else { caller.clone() }
}

struct Message<'a>(&'a BTreeMap<String, String>);

impl Extractor for Message<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}
