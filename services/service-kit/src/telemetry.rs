use std::{
    fs::File,
    io::{BufWriter, IsTerminal, stdout},
    os::fd::AsFd,
};

use anyhow::Context;
use opentelemetry::{
    global,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, fmt, fmt::format::JsonFields, layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    LogArgs, LogFormat,
    json_log::JsonLog,
    sampling::{KeepFailures, RecordAll},
};

/// Spans of calls to stores, queues and peers have this target. Only the trace sees them; in log lines their fields would
/// stand beside those of the request.
const NOT_FOR_LOGS: &str = "otel=off";

/// Whether this process exports traces; without that, callers' trace context is passed on as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing(bool);

impl Tracing {
    pub(crate) fn on(self) -> bool {
        self.0
    }

    /// Puts the span's ids into its fields, for the log lines within it.
    pub(crate) fn record_ids(self, span: &Span) {
        let context = span.context();
        let ids = context.span().span_context().clone();
        if ids.is_valid() {
            span.record("trace_id", ids.trace_id().to_string());
            span.record("span_id", ids.span_id().to_string());
        }
    }
}

/// Writes the last lines, and sends what is left to the collector, when it is dropped.
pub(crate) struct Telemetry {
    provider: Option<SdkTracerProvider>,
    _lines: WorkerGuard,
}

impl Telemetry {
    /// Sets up logs and, when a collector is named, traces, for the whole process.
    ///
    /// # Errors
    /// When the log filter or the collector's address cannot be read.
    pub(crate) fn start(name: &'static str, args: &LogArgs) -> anyhow::Result<(Telemetry, Tracing)> {
        let filter = EnvFilter::try_new(&args.log_level)
            .with_context(|| format!("--log-level {:?} is no log filter", args.log_level))?
            .add_directive(NOT_FOR_LOGS.parse()?);
        let endpoint = args.otlp_endpoint.as_deref();
        let provider = endpoint.map(|endpoint| provider(name, endpoint, args.trace_ratio)).transpose()?;
        let json = match args.log_format {
            LogFormat::Auto => !stdout().is_terminal(),
            LogFormat::Json => true,
            LogFormat::Text => false,
        };
        let (writer, written) = stdout_in_background()?;
        let lines = if json {
            fmt::layer()
                .with_writer(writer)
                .fmt_fields(JsonFields::new())
                .event_format(JsonLog::new(name))
                .boxed()
        } else {
            fmt::layer()
                .with_writer(writer)
                .compact()
                .with_target(false)
                .with_ansi(stdout().is_terminal())
                .boxed()
        };
        let traces = provider.as_ref().map(|provider| {
            global::set_text_map_propagator(TraceContextPropagator::new());
            let spans =
                tracing_opentelemetry::layer().with_tracer(provider.tracer(name)).with_location(false);
            // What is traced does not hang on what is logged.
            spans.with_threads(false).with_filter(LevelFilter::INFO)
        });
        tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).init();
        let tracing = Tracing(provider.is_some());
        Ok((Telemetry { provider, _lines: written }, tracing))
    }
}

/// Standard output by a thread of its own, which writes many lines at a time when they come quickly. A full queue makes
/// requests wait rather than lose lines.
fn stdout_in_background() -> anyhow::Result<(NonBlocking, WorkerGuard)> {
    let file = File::from(stdout().as_fd().try_clone_to_owned().context("standard output cannot be used")?);
    Ok(NonBlockingBuilder::default().lossy(false).finish(BufWriter::new(file)))
}

fn provider(name: &'static str, endpoint: &str, ratio: f64) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .with_context(|| format!("--otlp-endpoint {endpoint:?} cannot be used"))?;
    let resource = Resource::builder().with_service_name(name).build();
    Ok(SdkTracerProvider::builder()
        .with_sampler(RecordAll(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)))))
        .with_span_processor(KeepFailures(BatchSpanProcessor::builder(exporter).build()))
        .with_resource(resource)
        .build())
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}
