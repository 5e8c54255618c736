//! Who sees which span: log lines, traces, or nobody, and then it is not made.
//!
//! A request and a job have a span for log lines, and when they are recorded a second one inside it for the trace
//! (`otel::part`). Calls to stores, queues and peers (`otel`) are parts of traces alone.

use opentelemetry_sdk::trace::SdkTracer;
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, filter_fn},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// Spans of calls to stores, queues and peers.
const CALLS: &str = "otel";
/// Spans that stand for themselves.
const WHOLE: &str = "otel::";
/// No calls in log lines; but from what happens in a part, the way leads through its span to that of its request.
const NOT_FOR_LOGS: [&str; 2] = ["otel=off", "otel::part=error"];

/// Whether spans with this target are made for traces.
pub(crate) fn is_traced(target: &str) -> bool {
    target == CALLS || target.starts_with(WHOLE)
}

/// Shows `lines` what `filter` lets through, and what belongs to traces to the `tracer`, if there is one. What is traced
/// does not hang on what is logged.
///
/// # Errors
/// When a filter cannot be read, which is a fault of this code.
pub(crate) fn by(
    lines: impl Layer<Registry> + Send + Sync,
    mut filter: EnvFilter,
    tracer: Option<SdkTracer>,
) -> anyhow::Result<impl Subscriber + Send + Sync> {
    for directive in NOT_FOR_LOGS {
        filter = filter.add_directive(directive.parse()?);
    }
    let calls = OnlyWithinParts { traced: tracer.is_some() };
    let traces = tracer.map(|tracer| {
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_for_traces).with_max_level_hint(LevelFilter::INFO))
    });
    Ok(tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).with(calls))
}

/// The spans that are made for traces, and what went wrong.
fn is_for_traces(metadata: &Metadata<'_>) -> bool {
    match metadata.is_event() {
        true => *metadata.level() <= Level::WARN,
        false => is_traced(metadata.target()),
    }
}

/// Keeps calls from being made into spans outside of a part that is recorded. The filter of one layer cannot: a span
/// that every layer declines when it is asked is made nevertheless, for nobody.
struct OnlyWithinParts {
    /// Whether anything is recorded in this process.
    traced: bool,
}

impl<S> Layer<S> for OnlyWithinParts
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match metadata.target() {
            CALLS if self.traced => Interest::sometimes(),
            CALLS => Interest::never(),
            _ => Interest::always(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        let within_part = || {
            let current = context.lookup_current();
            current.is_some_and(|span| span.scope().any(|span| is_traced(span.metadata().target())))
        };
        metadata.target() != CALLS || within_part()
    }

    /// It asks for nothing itself.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use serde_json::Value;
    use tracing::{Span, error, error_span, info, info_span, subscriber, warn};
    use tracing_subscriber::fmt;

    use super::*;
    use crate::json_log::{JsonLog, Members};

    /// What is written, line by line.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn lines(&self) -> Vec<Value> {
            let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(json).collect()
        }
    }

    fn json(line: &[u8]) -> Value {
        serde_json::from_slice(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn within(level: &str, traced: bool, work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer()
            .with_writer(move || writer.clone())
            .fmt_fields(Members)
            .event_format(JsonLog::new("it"));
        let provider = SdkTracerProvider::builder().build();
        let tracer = traced.then(|| provider.tracer("it"));
        subscriber::with_default(by(lines, EnvFilter::new(level), tracer).unwrap(), work);
        written.lines()
    }

    fn request() -> Span {
        error_span!(parent: None, "request", service = "thing", case_id = "case-7")
    }

    fn part(request: &Span) -> Span {
        error_span!(target: "otel::part", parent: request, "part", otel.name = "GET /")
    }

    fn call() -> Span {
        info_span!(target: "otel", "call", otel.kind = "client")
    }

    #[test]
    fn calls_are_spans_only_within_a_part_that_is_recorded() {
        within("info", false, || assert!(request().in_scope(call).is_disabled()));
        within("info", true, || {
            assert!(call().is_disabled());
            let request = request();
            assert!(request.in_scope(call).is_disabled());
            let part = part(&request);
            let outer = part.in_scope(call);
            assert!(!outer.is_disabled() && !outer.in_scope(call).is_disabled());
            assert!(!part.in_scope(|| info_span!("of a library").in_scope(call)).is_disabled());
        });
    }

    #[test]
    fn lines_within_a_part_carry_what_belongs_to_the_request_alone() {
        let lines = within("info", true, || {
            let part = part(&request());
            // As work does that a request has had begun elsewhere.
            part.in_scope(|| call().in_scope(|| warn!(count = 3, share = 0.5, "a \"thing\"")));
            info!("outside");
        });
        let [within, outside] = lines.as_slice() else { panic!("{lines:#?}") };
        assert_eq!((&within["service"], &within["case_id"]), (&"thing".into(), &"case-7".into()));
        assert_eq!((&within["count"], &within["share"]), (&3.into(), &0.5.into()));
        assert_eq!((&within["level"], &within["message"]), (&"WARN".into(), &"a \"thing\"".into()));
        assert!(within.get("otel.name").is_none() && within.get("otel.kind").is_none(), "{within}");
        assert_eq!((&outside["service"], outside.get("case_id")), (&"it".into(), None));
    }

    #[test]
    fn a_line_carries_its_request_at_every_level_that_is_logged() {
        let lines = within("error", true, || {
            request().in_scope(|| {
                info!("not logged");
                error!("logged");
            });
        });
        let [line] = lines.as_slice() else { panic!("{lines:#?}") };
        assert_eq!(line["case_id"], "case-7");
        assert_eq!(within("off", true, || request().in_scope(|| error!("not logged"))), Vec::<Value>::new());
    }
}
