//! Which spans are exported: those of sampled traces, and every span that failed.

use std::time::Duration;

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanKind, Status, TraceId},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample, Span, SpanData, SpanProcessor},
};

/// Decides as its sampler does, but has recorded what that would drop: whether a span fails is known at its end.
#[derive(Clone, Debug)]
pub(crate) struct RecordAll(pub(crate) Sampler);

impl ShouldSample for RecordAll {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let result = self.0.should_sample(parent, trace_id, name, kind, attributes, links);
        match result.decision {
            SamplingDecision::Drop => SamplingResult { decision: SamplingDecision::RecordOnly, ..result },
            SamplingDecision::RecordOnly | SamplingDecision::RecordAndSample => result,
        }
    }
}

/// Hands on to another processor, which exports all that it gets, the spans that are sampled and those that failed.
#[derive(Debug)]
pub(crate) struct KeepFailures<P>(pub(crate) P);

impl<P: SpanProcessor> SpanProcessor for KeepFailures<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        if !span.span_context.is_sampled() {
            if !matches!(span.status, Status::Error { .. }) {
                return;
            }
            span.span_context = sampled(&span.span_context);
        }
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// The same context, marked as sampled.
fn sampled(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags().with_sampled(true),
        context.is_remote(),
        context.trace_state().clone(),
    )
}
