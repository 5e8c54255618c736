//! What is traced.
//!
//! Where a trace begins, a share of them is sampled, and never more than so many a second, so that what traces cost has a
//! bound whatever the load. The rest records nothing, since recording a span costs as much as the rest of a quick
//! request. When a request or a job of those fails, its span is made at its end, when time, name and outcome are known:
//! of such a trace one sees what failed in each service, one below the other.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    future::{Future, poll_fn},
    num::NonZeroU32,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use opentelemetry::{
    Context, InstrumentationScope, KeyValue, time,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchSpanProcessor, IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample,
        Span as SdkSpan, SpanData, SpanEvents, SpanLinks, SpanProcessor,
    },
};
use tracing::{Span, error_span, field::display};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::w3c;

/// What is traced of this process; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Tracing(Option<Arc<Traces>>);

#[derive(Debug)]
struct Traces {
    sampler: Sampler,
    limit: DefaultDirectRateLimiter,
    /// Where the spans go that are made at their end.
    exported: Exported,
    scope: InstrumentationScope,
}

impl Tracing {
    /// Of the traces begun here, samples a share (0 to 1), at most `limit` a second; `name` is the process's.
    pub(crate) fn new(name: &'static str, ratio: f64, limit: NonZeroU32, exported: Exported) -> Tracing {
        Tracing(Some(Arc::new(Traces {
            sampler: Sampler::TraceIdRatioBased(ratio),
            limit: RateLimiter::direct(Quota::per_second(limit)),
            exported,
            scope: InstrumentationScope::builder(name).build(),
        })))
    }

    /// The part in the trace of the `caller`, or in a new one when that is not valid. A caller's trace goes by the caller's
    /// choice. `log` is the span of the same request or job for log lines.
    pub(crate) fn part(
        &self,
        log: &Span,
        caller: impl FnOnce() -> SpanContext,
        description: impl FnOnce() -> Description,
    ) -> Part {
        let Some(traces) = &self.0 else { return Part::Untraced };
        let parent = caller();
        let trace_id = match parent.is_valid() {
            true => parent.trace_id(),
            false => RandomIdGenerator::default().new_trace_id(),
        };
        let sampled = if parent.is_valid() {
            parent.is_sampled()
        } else {
            let kind = SpanKind::Internal;
            let result = traces.sampler.should_sample(None, trace_id, "", &kind, &[], &[]);
            result.decision == SamplingDecision::RecordAndSample && traces.limit.check().is_ok()
        };
        if sampled {
            return Part::recorded(log, parent, description());
        }
        let state = parent.trace_state().clone();
        let span_id = RandomIdGenerator::default().new_span_id();
        Part::Silent(Box::new(Silent {
            traces: traces.clone(),
            context: SpanContext::new(trace_id, span_id, TraceFlags::default(), false, state),
            parent,
            begun: time::now(),
        }))
    }

    /// The span that `make` makes, below the one that these headers of a message name, without keeping that one open; none
    /// when nothing is recorded of its trace.
    pub fn continued(&self, headers: &BTreeMap<String, String>, make: impl FnOnce() -> Span) -> Span {
        if self.0.is_none() {
            return Span::none();
        }
        let caller = w3c::sender(headers);
        if !caller.is_sampled() {
            return Span::none();
        }
        let span = make();
        connect(&span, caller);
        span
    }
}

/// Puts `span` below the caller's. It fails only for a span that is filtered out, and then there is nothing to connect.
fn connect(span: &Span, caller: SpanContext) {
    let _ = span.set_parent(Context::new().with_remote_span_context(caller));
}

/// How a request or a job shows in a trace, by OpenTelemetry's semantic conventions.
#[derive(Debug)]
pub struct Description {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) attributes: Vec<KeyValue>,
}

/// One request or one job in its trace.
#[derive(Debug)]
pub(crate) enum Part {
    /// This process traces nothing.
    Untraced,
    /// It is recorded, in a span and under the ids of this context.
    Recorded(Span, SpanContext),
    /// It is not, unless it fails.
    Silent(Box<Silent>),
}

/// What a span is made of at its end.
#[derive(Debug)]
pub(crate) struct Silent {
    traces: Arc<Traces>,
    pub(crate) context: SpanContext,
    parent: SpanContext,
    begun: std::time::SystemTime,
}

impl Part {
    fn recorded(log: &Span, caller: SpanContext, description: Description) -> Part {
        // Below the span for log lines, so that work which goes on elsewhere in this one finds the other.
        let span = error_span!(
            target: "otel::part",
            parent: log,
            "part",
            otel.name = description.name,
            otel.kind = ?description.kind,
        );
        for attribute in description.attributes {
            span.set_attribute(attribute.key, attribute.value);
        }
        // In the trace it is below the caller.
        connect(&span, caller);
        let context = span.context().span().span_context().clone();
        Part::Recorded(span, context)
    }
}

/// One request or one job, in the logs and in its trace.
#[derive(Debug)]
pub struct Work {
    log: Span,
    part: Part,
}

impl Work {
    /// `log` is what its log lines carry; its `trace_id` and `span_id` are still empty.
    pub(crate) fn new(log: Span, part: Part) -> Work {
        let work = Work { log, part };
        if let Part::Recorded(_, ids) = &work.part {
            work.show(ids);
        }
        work
    }

    /// Does `work` as this; only when it is broken off, its end is outside.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        // To enter a span costs something, and `instrument` does so once more to drop what is done.
        let mut work = pin!(work);
        poll_fn(|context| self.in_scope(|| work.as_mut().poll(context))).await
    }

    /// Makes log lines carry the ids of a trace also when nothing is recorded of it, as long as nothing fails.
    pub(crate) fn show_silent_ids(&self) {
        if let Part::Silent(silent) = &self.part {
            self.show(&silent.context);
        }
    }

    fn show(&self, ids: &SpanContext) {
        self.log.record("trace_id", display(ids.trace_id()));
        self.log.record("span_id", display(ids.span_id()));
    }

    fn in_scope<T>(&self, step: impl FnOnce() -> T) -> T {
        self.log.in_scope(|| match &self.part {
            Part::Recorded(span, _) => span.in_scope(step),
            Part::Untraced | Part::Silent(_) => step(),
        })
    }

    /// Adds to what its span tells, if there is one.
    pub(crate) fn set(&self, key: &'static str, value: i64) {
        if let Part::Recorded(span, _) = &self.part {
            span.set_attribute(key, value);
        }
    }

    /// Marks it as failed, so that it is exported whatever the sampling; if only now, then with this description.
    pub fn fail(self, description: impl FnOnce() -> Description, why: impl Into<Cow<'static, str>>) {
        match self.part {
            Part::Untraced => (),
            Part::Recorded(span, _) => span.set_status(Status::error(why)),
            Part::Silent(silent) => silent.export(description(), Status::error(why)),
        }
    }
}

impl Silent {
    fn export(self, description: Description, status: Status) {
        let context = &self.context;
        let sampled = SpanContext::new(
            context.trace_id(),
            context.span_id(),
            context.trace_flags().with_sampled(true),
            context.is_remote(),
            context.trace_state().clone(),
        );
        self.traces.exported.on_end(SpanData {
            span_context: sampled,
            parent_span_id: if self.parent.is_valid() { self.parent.span_id() } else { SpanId::INVALID },
            parent_span_is_remote: self.parent.is_valid(),
            span_kind: description.kind,
            name: description.name.into(),
            start_time: self.begun,
            end_time: time::now(),
            attributes: description.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: self.traces.scope.clone(),
        });
    }
}

/// The way to the collector, for spans that are recorded and for those that are made at their end.
#[derive(Clone, Debug)]
pub(crate) struct Exported(Arc<BatchSpanProcessor>);

impl Exported {
    /// `resource` says which process the spans are from.
    pub(crate) fn new(mut processor: BatchSpanProcessor, resource: &Resource) -> Exported {
        processor.set_resource(resource);
        Exported(Arc::new(processor))
    }
}

impl SpanProcessor for Exported {
    fn on_start(&self, span: &mut SdkSpan, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use opentelemetry::trace::{TraceId, TraceState};
    use opentelemetry_sdk::trace::SpanExporter;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const CALLER: &str = "b7ad6b7169203331";

    #[derive(Clone, Debug, Default)]
    struct Collector(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Collector {
        async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).append(&mut batch);
            Ok(())
        }
    }

    fn tracing(ratio: f64, limit: u32) -> (Tracing, Exported, Collector) {
        let collector = Collector::default();
        let resource = Resource::builder().build();
        let exported = Exported::new(BatchSpanProcessor::builder(collector.clone()).build(), &resource);
        let limit = NonZeroU32::new(limit).expect("not 0");
        (Tracing::new("it", ratio, limit, exported.clone()), exported, collector)
    }

    fn called(flags: TraceFlags) -> SpanContext {
        let (trace_id, span_id) = (TraceId::from_hex(TRACE).unwrap(), SpanId::from_hex(CALLER).unwrap());
        SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE)
    }

    fn description() -> Description {
        let attributes = vec![KeyValue::new("service", "it")];
        Description { name: "GET /".to_owned(), kind: SpanKind::Server, attributes }
    }

    fn part(tracing: &Tracing, caller: SpanContext) -> Part {
        tracing.part(&Span::none(), || caller, description)
    }

    fn recorded(tracing: &Tracing, caller: SpanContext) -> bool {
        matches!(part(tracing, caller), Part::Recorded(..))
    }

    #[test]
    fn where_a_trace_begins_the_share_and_the_limit_decide() {
        let (none, ..) = tracing(0.0, 100);
        assert!(!recorded(&none, SpanContext::NONE));
        let (all, ..) = tracing(1.0, 3);
        let sampled = (0..10).filter(|_| recorded(&all, SpanContext::NONE)).count();
        assert!((3..10).contains(&sampled), "{sampled} of 10 at once, at 3 a second");
        assert!(matches!(part(&Tracing::default(), SpanContext::NONE), Part::Untraced));
    }

    #[test]
    fn in_a_callers_trace_the_caller_decides() {
        let (none, ..) = tracing(0.0, 1);
        assert!((0..10).all(|_| recorded(&none, called(TraceFlags::SAMPLED))));
        let (all, ..) = tracing(1.0, 100);
        assert!(!recorded(&all, called(TraceFlags::NOT_SAMPLED)));
    }

    #[test]
    fn a_failure_that_is_not_sampled_is_exported_under_the_ids_that_were_passed_on() {
        let (none, exported, collector) = tracing(0.0, 1);
        let work = || Work::new(Span::none(), part(&none, called(TraceFlags::NOT_SAMPLED)));
        drop(work());
        let failing = work();
        let Part::Silent(silent) = &failing.part else { panic!("{failing:?}") };
        let ids = silent.context.clone();
        assert!(!ids.is_sampled());
        failing.fail(description, "the database is away");
        exported.force_flush().unwrap();

        let spans = collector.0.lock().unwrap();
        let [span] = spans.as_slice() else { panic!("{spans:#?}") };
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
        assert_eq!(span.span_context.span_id(), ids.span_id());
        assert_eq!(span.parent_span_id.to_string(), CALLER);
        assert_eq!(span.status, Status::error("the database is away"));
        assert_eq!(span.name, "GET /");
        assert_eq!(span.attributes, [KeyValue::new("service", "it")]);
        assert!(span.end_time >= span.start_time);
    }
}
