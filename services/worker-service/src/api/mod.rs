//! The HTTP face: to order a job, to look it up, to list them.

mod create;
mod find;
mod list;
mod task;

use service_kit::ApiError;
use sql_store::SqlError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{db::Jobs, outbox::Outbox};

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) jobs: Jobs,
    pub(crate) outbox: Outbox,
    pub(crate) queue_name: String,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create::create_task, list::list_tasks))
        .routes(routes!(find::find_task))
        .with_state(state)
}

/// The reply to a failed statement.
fn sql_failed(error: SqlError) -> ApiError {
    if error.is_busy() {
        ApiError::overloaded().because(error)
    } else if error.is_unavailable() {
        ApiError::unavailable("The job store is unavailable").because(error)
    } else {
        ApiError::internal(error)
    }
}
