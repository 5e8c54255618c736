use std::{collections::BTreeMap, error::Error};

use prometheus::Registry;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

use crate::{
    Tracing,
    context::{Ctx, MapExtractor, adopt},
    metrics::{self, HttpMetrics},
};

/// What a service is built with: its name, its metrics, and the signals of the process that it lives in.
#[derive(Clone, Debug)]
pub struct Kit {
    /// The service's name, as in `/health`, in logs and as the label `service_name` of its metrics.
    pub name: &'static str,
    /// Where the service registers its own metrics.
    pub registry: Registry,
    /// Cancelled when the process is asked to stop: take no new work, finish what runs.
    pub stopping: CancellationToken,
    /// Background tasks; the process waits for them, up to the hard limit of a shutdown.
    pub tasks: TaskTracker,
    pub(crate) http: HttpMetrics,
    pub(crate) tracing: Tracing,
}

impl Kit {
    /// A kit for the service `name` in a process that stops on `stopping`.
    ///
    /// # Errors
    /// When the metrics cannot be registered, which is a fault of this code.
    pub fn new(
        name: &'static str,
        tracing: Tracing,
        stopping: CancellationToken,
    ) -> Result<Kit, prometheus::Error> {
        let label = [("service_name".to_owned(), name.to_owned())];
        let registry = Registry::new_custom(None, Some(label.into_iter().collect()))?;
        let http = HttpMetrics::register(&registry)?;
        metrics::register_build_info(&registry)?;
        Ok(Kit { name, registry, stopping, tasks: TaskTracker::new(), http, tracing })
    }

    /// The kit of another service in the same process: metrics of its own, the same signals.
    ///
    /// # Errors
    /// As [`Kit::new`].
    pub fn beside(&self, name: &'static str) -> Result<Kit, prometheus::Error> {
        let kit = Kit::new(name, self.tracing, self.stopping.clone())?;
        Ok(Kit { tasks: self.tasks.clone(), ..kit })
    }

    /// The context and the span of a job from the queue `queue`: a child of the span that ordered it, when that was
    /// traced.
    pub fn continue_job(
        &self,
        queue: &str,
        case_id: CaseId,
        job_id: &str,
        headers: &BTreeMap<String, String>,
    ) -> (Ctx, Span) {
        let span = info_span!(
            parent: None,
            "process",
            otel.name = Empty,
            otel.kind = Empty,
            service = self.name,
            case_id = case_id.as_str(),
            job_id,
            trace_id = Empty,
            span_id = Empty,
        );
        if self.tracing.on() {
            span.record("otel.name", format!("process {queue}"));
            span.record("otel.kind", "consumer");
            span.set_attribute("messaging.operation.name", "process");
            span.set_attribute("messaging.destination.name", queue.to_owned());
            span.set_attribute("messaging.message.id", job_id.to_owned());
            adopt(&span, &MapExtractor(headers));
            self.tracing.record_ids(&span);
        }
        (Ctx::of_message(case_id, headers, self.tracing.on()), span)
    }

    /// Ends the process's work in order, because something it cannot do without has failed for good.
    pub fn fail(&self, error: &(dyn Error + 'static)) {
        tracing::error!(error = %crate::chain(error), "{} cannot go on", self.name);
        self.stopping.cancel();
    }
}
