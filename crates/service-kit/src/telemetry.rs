use std::{
    fmt::Debug,
    fs::File,
    io::{self, BufWriter, IsTerminal, Write, stdout},
    os::fd::AsFd,
    thread,
    time::Duration,
};

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use reqwest as _; // The exporter's client, which speaks TLS by the features that are asked for here.
use tracing::{Level, Metadata, Subscriber, field::Field};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, filter_fn},
    fmt::{self, format, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{
    LogFormat, ProcessArgs,
    json_log::{FOR_TRACES, JsonLog, Members},
    sampler::sampler,
};

/// The client of RabbitMQ reports at once what its caller is told and reports too, and as an error that a server which was
/// told goodbye hangs up. A filter may name it.
const LOGGED_ALREADY: &str = "lapin=off";
/// Pause after each write of all lines, in which the next ones collect.
const FLUSH_PAUSE: Duration = Duration::from_millis(5);

/// Writes the last lines, and sends what is left to the collector, when it is dropped.
pub(crate) struct Telemetry {
    provider: Option<SdkTracerProvider>,
    _lines: WorkerGuard,
}

impl Telemetry {
    /// Sets up logs and, when a collector is named, traces, for the whole process.
    pub(crate) fn start(name: &'static str, args: &ProcessArgs) -> anyhow::Result<Telemetry> {
        let filter = EnvFilter::try_new(format!("{LOGGED_ALREADY},{}", args.log_level))?;
        let endpoint = args.otlp_endpoint.as_ref().map(|base| base.as_str());
        let provider = endpoint.map(|endpoint| provider(name, endpoint, args)).transpose()?;
        let json = match args.log_format {
            LogFormat::Auto => !stdout().is_terminal(),
            LogFormat::Json => true,
            LogFormat::Text => false,
        };
        let (writer, written) = stdout_in_background()?;
        let lines = if json {
            fmt::layer().with_writer(writer).fmt_fields(Members).event_format(JsonLog::new(name)).boxed()
        } else {
            fmt::layer()
                .with_writer(writer)
                .compact()
                .fmt_fields(format::debug_fn(text_field))
                .with_target(false)
                .with_ansi(stdout().is_terminal())
                .boxed()
        };
        let registry = tracing_subscriber::registry().with(log_layer(lines, filter)?);
        // A layer that is not there would have the spans made which the other one declines.
        match &provider {
            Some(provider) => registry.with(trace_layer(provider.tracer(name))).init(),
            None => registry.init(),
        }
        Ok(Telemetry { provider, _lines: written })
    }
}

/// Shows `lines` what `filter` lets through, and no spans of calls to stores, queues and peers: they are parts of traces.
pub(crate) fn log_layer<S>(lines: impl Layer<S>, filter: EnvFilter) -> anyhow::Result<impl Layer<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Ok(lines.with_filter(filter.add_directive("otel=off".parse()?)))
}

/// Shows the `tracer` the spans that say of which kind they are, and what went wrong within them.
pub(crate) fn trace_layer<S>(tracer: SdkTracer) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let is_for_traces = |metadata: &Metadata<'_>| match metadata.is_event() {
        true => *metadata.level() <= Level::WARN,
        false => metadata.fields().field("otel.kind").is_some(),
    };
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_context_activation(false)
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_for_traces).with_max_level_hint(LevelFilter::INFO))
}

/// A field of a line for people.
fn text_field(line: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> std::fmt::Result {
    match field.name() {
        "message" => write!(line, "{value:?}"),
        name if name.starts_with(FOR_TRACES) => Ok(()),
        name => write!(line, " {name}={value:?}"),
    }
}

/// Standard output by a thread of its own, which writes many lines at a time when they come quickly. A full queue makes
/// requests wait rather than lose lines.
fn stdout_in_background() -> anyhow::Result<(NonBlocking, WorkerGuard)> {
    let file = File::from(stdout().as_fd().try_clone_to_owned().context("standard output cannot be used")?);
    let lines = PausingWriter(BufWriter::with_capacity(64 * 1024, file));
    Ok(NonBlockingBuilder::default().lossy(false).finish(lines))
}

/// Pauses after each time that everything is written, and then writes what has come meanwhile at once: to wake a thread
/// and to write cost more than a line itself.
struct PausingWriter<W>(W);

impl<W: Write> Write for PausingWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        #[expect(clippy::disallowed_methods, reason = "the thread does nothing but write lines")]
        thread::sleep(FLUSH_PAUSE);
        Ok(())
    }
}

fn provider(name: &'static str, endpoint: &str, args: &ProcessArgs) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .with_context(|| format!("--otlp-endpoint {endpoint:?} cannot be used"))?;
    Ok(SdkTracerProvider::builder()
        .with_sampler(sampler(args.trace_ratio, args.trace_limit))
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(name).build())
        .build())
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}
