//! The HTTP API: to order a job, to look it up, to list them.

mod limits;
mod tasks;

use service_kit::ApiError;
use sql_store::SqlError;
use utoipa_axum::router::OpenApiRouter;

use crate::{db::Jobs, kinds::JobKinds, outbox::Outbox};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) jobs: Jobs,
    pub(crate) kinds: JobKinds,
    pub(crate) outbox: Outbox,
    pub(crate) queue_name: String,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    tasks::routes().with_state(state).merge(limits::routes())
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
