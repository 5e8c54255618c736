use std::{
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
    trace::{BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, Layer, fmt, util::SubscriberInitExt};

use crate::{
    LogFormat, ProcessArgs,
    json_log::{JsonLog, Members},
    seen,
    trace::{Exported, Tracing},
};

/// The client of RabbitMQ reports at once what its caller is told and reports too, and as an error that a server which was
/// told goodbye hangs up. A filter may name it.
const LOGGED_ALREADY: &str = "lapin=off";
/// The time that lines gather for.
const LINES_REST: Duration = Duration::from_millis(5);

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
    pub(crate) fn start(name: &'static str, args: &ProcessArgs) -> anyhow::Result<(Telemetry, Tracing)> {
        let filter = EnvFilter::try_new(format!("{LOGGED_ALREADY},{}", args.log_level))
            .with_context(|| format!("--log-level {:?} is no log filter", args.log_level))?;
        let endpoint = args.otlp_endpoint.as_deref();
        let exported = endpoint.map(|endpoint| provider(name, endpoint)).transpose()?;
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
                .with_target(false)
                .with_ansi(stdout().is_terminal())
                .boxed()
        };
        let tracer = exported.as_ref().map(|(provider, _)| provider.tracer(name));
        seen::by(lines, filter, tracer)?.init();
        let (provider, tracing) = match exported {
            Some((provider, exported)) => {
                (Some(provider), Tracing::new(name, args.trace_ratio, args.trace_limit, exported))
            }
            None => (None, Tracing::default()),
        };
        Ok((Telemetry { provider, _lines: written }, tracing))
    }
}

/// Standard output by a thread of its own, which writes many lines at a time when they come quickly. A full queue makes
/// requests wait rather than lose lines.
fn stdout_in_background() -> anyhow::Result<(NonBlocking, WorkerGuard)> {
    let file = File::from(stdout().as_fd().try_clone_to_owned().context("standard output cannot be used")?);
    let lines = Unhurried(BufWriter::with_capacity(64 * 1024, file));
    Ok(NonBlockingBuilder::default().lossy(false).finish(lines))
}

/// Rests after each time that everything is written, so that lines gather: to wake a thread and to write cost more than
/// a line itself.
struct Unhurried<W>(W);

impl<W: Write> Write for Unhurried<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        #[expect(clippy::disallowed_methods, reason = "the thread does nothing but write lines")]
        thread::sleep(LINES_REST);
        Ok(())
    }
}

fn provider(name: &'static str, endpoint: &str) -> anyhow::Result<(SdkTracerProvider, Exported)> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .with_context(|| format!("--otlp-endpoint {endpoint:?} cannot be used"))?;
    let resource = Resource::builder().with_service_name(name).build();
    let exported = Exported::new(BatchSpanProcessor::builder(exporter).build(), &resource);
    // Where a trace begins, only what is to be sampled is made into a span.
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_span_processor(exported.clone())
        .with_resource(resource)
        .build();
    Ok((provider, exported))
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}
