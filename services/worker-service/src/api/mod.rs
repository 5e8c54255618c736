//! The HTTP API: to order a job, to look it up, to list them, and to see how many wait.

mod inbound_mail;
mod limits;
mod mail_files;
mod pause;
mod queue;
mod tasks;

use std::path::PathBuf;

use job_queue::Depth;
use service_kit::ApiError;
use sql_store::SqlError;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use inbound_mail::{InboundMailState, routes as inbound_mail_routes};
pub(crate) use pause::{PauseState, routes as pause_routes};

use crate::{db::Jobs, kinds::JobKinds, outbox::Outbox};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) jobs: Jobs,
    pub(crate) kinds: JobKinds,
    pub(crate) outbox: Outbox,
    pub(crate) queue_name: String,
    /// What was last seen of the queue; none where it is not shown to everybody.
    pub(crate) depth: Option<watch::Receiver<Option<Depth>>>,
    /// The folder that mails are written to; none where it is not shown to everybody, or they go to a server.
    pub(crate) mail_files: Option<PathBuf>,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    let mail_files = state.mail_files.clone();
    let of_jobs = tasks::routes().merge(queue::routes()).with_state(state);
    of_jobs.merge(mail_files::routes(mail_files)).merge(limits::routes())
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
