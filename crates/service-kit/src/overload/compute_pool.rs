use std::sync::Arc;

use metrics::{Counted, metrics};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tracing::Span;

use super::{
    LimitArgs,
    refusals::{Excess, Refusals},
};
use crate::{ApiError, ServiceContext};

metrics! {
    struct ComputeMetrics {
        /// Long computations under way
        running: IntGauge = "compute_tasks_running";
        /// Long computations that wait for a thread
        waiting: IntGauge = "compute_tasks_waiting";
    }
}

/// Threads beside those that serve, for what takes long to compute: the threads that serve stay free for everything else.
/// So many computations may wait; further ones are refused.
#[derive(Clone, Debug)]
pub struct ComputePool {
    threads: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    metrics: ComputeMetrics,
    refusals: Refusals,
}

impl ComputePool {
    pub fn new(service: &ServiceContext, limits: &LimitArgs) -> Result<ComputePool, prometheus::Error> {
        let threads = limits.compute_threads();
        let queue = usize::try_from(limits.compute_queue).unwrap_or(usize::MAX);
        Ok(ComputePool {
            threads: Arc::new(Semaphore::new(threads)),
            queue: Arc::new(Semaphore::new(threads.saturating_add(queue))),
            metrics: ComputeMetrics::register(&service.registry)?,
            refusals: service.refusals.clone(),
        })
    }

    /// Runs `compute` on a thread of its own. It runs to its end even when nobody waits for it any more.
    ///
    /// # Errors
    /// 503 when too many wait already; 500 when it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(in_queue) = self.queue.clone().try_acquire_owned() else {
            return Err(self.refusals.refuse(Excess::Computations));
        };
        let thread = {
            let _waiting = Counted::new(&self.metrics.waiting);
            self.threads.clone().acquire_owned().await.map_err(ApiError::internal)?
        };
        let (running, span) = (Counted::new(&self.metrics.running), Span::current());
        let computed = spawn_blocking(move || {
            let _held = (in_queue, thread, running);
            span.in_scope(compute)
        });
        computed.await.map_err(ApiError::internal)
    }
}
