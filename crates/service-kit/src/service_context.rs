use std::{collections::BTreeMap, error::Error};

use futures::{Stream, StreamExt};
use opentelemetry::{KeyValue, trace::SpanKind};
use prometheus::Registry;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error_span, field::Empty};
use wire::CaseId;

use crate::{
    metrics::{self, HttpMetrics},
    request_context::RequestContext,
    trace::{Description, Tracing, Work},
    w3c,
};

/// What a service is built with: its name, its metrics, and the signals of the process that it lives in.
#[derive(Clone, Debug)]
pub struct ServiceContext {
    /// The service's name, as in `/health`, in logs and as the label `service_name` of its metrics.
    pub name: &'static str,
    /// Where the service registers its own metrics.
    pub registry: Registry,
    /// Cancelled when the process is asked to stop: take no new work, finish what runs.
    pub stopping: CancellationToken,
    /// Background tasks; the process waits for them, up to the hard limit of a shutdown.
    pub tasks: TaskTracker,
    /// What is traced of the process.
    pub tracing: Tracing,
    pub(crate) http: HttpMetrics,
}

impl ServiceContext {
    /// A service for the service `name` in a process that stops on `stopping`.
    ///
    /// # Errors
    /// When the metrics cannot be registered, which is a fault of this code.
    pub fn new(
        name: &'static str,
        tracing: Tracing,
        stopping: CancellationToken,
    ) -> Result<ServiceContext, prometheus::Error> {
        let label = [("service_name".to_owned(), name.to_owned())];
        let registry = Registry::new_custom(None, Some(label.into_iter().collect()))?;
        let http = HttpMetrics::register(&registry)?;
        metrics::register_build_info(&registry)?;
        Ok(ServiceContext { name, registry, stopping, tasks: TaskTracker::new(), http, tracing })
    }

    /// The service of another service in the same process: metrics of its own, the same signals.
    ///
    /// # Errors
    /// As [`ServiceContext::new`].
    pub fn beside(&self, name: &'static str) -> Result<ServiceContext, prometheus::Error> {
        let service = ServiceContext::new(name, self.tracing.clone(), self.stopping.clone())?;
        Ok(ServiceContext { tasks: self.tasks.clone(), ..service })
    }

    /// A job from the queue `queue`: its context, and its work, a child of the span that ordered it when that was traced.
    pub fn continue_job(
        &self,
        queue: &str,
        case_id: CaseId,
        job_id: &str,
        headers: &BTreeMap<String, String>,
    ) -> (RequestContext, Work) {
        let log = error_span!(
            parent: None,
            "process",
            service = self.name,
            case_id = case_id.as_str(),
            job_id,
            trace_id = Empty,
            span_id = Empty,
        );
        let describe = || self.describe_job(queue, &case_id, job_id);
        let part = self.tracing.part(&log, || w3c::sender(headers), describe);
        let context = RequestContext::of_message(case_id, headers, &part);
        let work = Work::new(log, part);
        work.show_silent_ids();
        (context, work)
    }

    /// How such a job shows in a trace.
    pub fn describe_job(&self, queue: &str, case_id: &CaseId, job_id: &str) -> Description {
        let attributes = vec![
            KeyValue::new("service", self.name),
            KeyValue::new("case_id", case_id.as_str().to_owned()),
            KeyValue::new("messaging.operation.name", "process"),
            KeyValue::new("messaging.destination.name", queue.to_owned()),
            KeyValue::new("messaging.message.id", job_id.to_owned()),
        ];
        Description { name: format!("process {queue}"), kind: SpanKind::Consumer, attributes }
    }

    /// The stream until the process is asked to stop: a reply that never ends by itself ends then, and keeps nobody waiting.
    pub fn until_stopping<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        stream.take_until(self.stopping.clone().cancelled_owned())
    }

    /// Ends the process's work in order, because something it cannot do without has failed for good.
    pub fn fail(&self, error: &(dyn Error + 'static)) {
        tracing::error!(error = %crate::chain(error), "{} cannot go on", self.name);
        self.stopping.cancel();
    }
}
