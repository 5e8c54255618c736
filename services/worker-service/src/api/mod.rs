//! The HTTP API: to order a job, to look it up, to list them, and to see how many wait.

mod limits;
mod queue;
mod tasks;

use job_queue::Depth;
use service_kit::ApiError;
use sql_store::SqlError;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::{db::Jobs, kinds::JobKinds, outbox::Outbox};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) jobs: Jobs,
    pub(crate) kinds: JobKinds,
    pub(crate) outbox: Outbox,
    pub(crate) queue_name: String,
    /// What was last seen of the queue; none where it is not shown to everybody.
    pub(crate) depth: Option<watch::Receiver<Option<Depth>>>,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    tasks::routes().merge(queue::routes()).with_state(state).merge(limits::routes())
}

fn sql_failed(error: SqlError) -> ApiError {
    if error.is_busy() {
        ApiError::overloaded().because(error)
    } else if error.is_unavailable() {
        ApiError::unavailable("The job store is unavailable").because(error)
    } else {
        ApiError::internal(error)
    }
}
