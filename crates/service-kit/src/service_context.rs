use std::{
    collections::BTreeMap,
    error::Error,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{FutureExt, Stream, StreamExt};
use prometheus::Registry;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Span, error_span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

use crate::{
    metrics::HttpMetrics, middleware::panic_message, overload::Refusals, propagation,
    request_context::RequestContext,
};

/// What a service is built with: its name, its metrics, and the signals of the process that it lives in.
#[derive(Clone, Debug)]
pub struct ServiceContext {
    /// The service's name, as in `/health`, in logs and as the label `service_name` of its metrics.
    pub name: &'static str,
    pub registry: Registry,
    /// Cancelled when the process is asked to stop: take no new work, finish what runs.
    pub stopping: CancellationToken,
    /// Background tasks; the process waits for them, up to the hard limit of a shutdown.
    pub tasks: TaskTracker,
    pub(crate) http: HttpMetrics,
    pub(crate) refusals: Refusals,
    /// Of the whole process.
    failed: Arc<AtomicBool>,
}

impl ServiceContext {
    /// A service for the service `name` in a process that stops on `stopping`.
    pub fn new(name: &'static str, stopping: CancellationToken) -> Result<ServiceContext, prometheus::Error> {
        let label = [("service_name".to_owned(), name.to_owned())];
        let registry = Registry::new_custom(None, Some(label.into_iter().collect()))?;
        let http = HttpMetrics::register(&registry)?;
        let refusals = Refusals::register(&registry)?;
        http.show_version();
        Ok(ServiceContext {
            name,
            registry,
            stopping,
            tasks: TaskTracker::new(),
            http,
            refusals,
            failed: Arc::default(),
        })
    }

    /// The service of another service in the same process: metrics of its own, the same signals.
    pub fn beside(&self, name: &'static str) -> Result<ServiceContext, prometheus::Error> {
        let service = ServiceContext::new(name, self.stopping.clone())?;
        Ok(ServiceContext { tasks: self.tasks.clone(), failed: self.failed.clone(), ..service })
    }

    /// A job from the queue `queue`: its context, and the span to do it in, a child of the one that ordered it when that was
    /// traced.
    pub fn continue_job(
        &self,
        queue: &str,
        case_id: CaseId,
        job_id: &str,
        headers: &BTreeMap<String, String>,
    ) -> (RequestContext, Span) {
        let span = error_span!(
            parent: None,
            "process",
            otel.name = format_args!("process {queue}"),
            otel.kind = "consumer",
            otel.status_code = Empty,
            service = self.name,
            case_id = case_id.as_str(),
            job_id,
            trace_id = Empty,
            span_id = Empty,
        );
        let trace = propagation::of_message(headers);
        propagation::connect(&span, &trace);
        span.set_attribute("messaging.operation.name", "process");
        span.set_attribute("messaging.destination.name", queue.to_owned());
        span.set_attribute("messaging.message.id", job_id.to_owned());
        (RequestContext::new(case_id, None, trace), span)
    }

    /// The stream until the process is asked to stop: a reply that never ends by itself ends then, and keeps nobody waiting.
    pub fn until_stopping<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        stream.take_until(self.stopping.clone().cancelled_owned())
    }

    /// Runs `task` in the background; the process waits for it when it stops. A panic in it ends the process, as
    /// [`fail`](ServiceContext::fail) does: otherwise nobody would notice that nothing is done there any more.
    pub fn spawn<T: Send>(&self, task: impl Future<Output = T> + Send + 'static) {
        let service = self.clone();
        self.tasks.spawn(async move {
            if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
                service.fail(&Panicked(panic_message(panic.as_ref()).to_owned()));
            }
        });
    }

    /// Ends the process's work in order, because something it cannot do without has failed for good. Its exit code is
    /// not zero then.
    pub fn fail(&self, error: &(dyn Error + 'static)) {
        tracing::error!(error = %crate::chain(error), "{} cannot go on", self.name);
        self.failed.store(true, Ordering::Release);
        self.stopping.cancel();
    }

    /// Whether [`fail`](ServiceContext::fail) was called, by whichever service of the process.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a background task panicked: {0}")]
struct Panicked(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_the_background_is_a_failure_of_the_process() {
        let process = ServiceContext::new("process", CancellationToken::new()).unwrap();
        let service = process.beside("thing-service").unwrap();
        service.spawn(async { 7 });
        tokio::task::yield_now().await;
        assert!(!process.has_failed());
        service.spawn(async { panic!("a bug") });
        process.stopping.cancelled().await;
        assert!(process.has_failed());
    }
}
