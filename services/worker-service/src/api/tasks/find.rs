use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use service_kit::{ApiError, Caller, RequestContext};
use uuid::Uuid;

use super::reply::Task;
use crate::{
    api::{AppState, sql_failed},
    job::Job,
};

/// One job: its state, and its result once there is one.
#[utoipa::path(get, path = "/tasks/{job_id}", params(("job_id" = String, Path, description = "From the reply to the order")), responses(
    (status = 200, description = "The job", body = Task),
    (status = 404, description = "There is no such job"),
    (status = 503, description = "The job store is unavailable"),
))]
pub(super) async fn find_task(
    State(state): State<AppState>,
    context: RequestContext,
    job_id: Result<Path<String>, PathRejection>,
) -> Result<Json<Task>, ApiError> {
    let unknown = || ApiError::not_found("Job Not Found");
    // Whatever is no UUID is the id of no job, and need not be looked up.
    let job_id = job_id.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok()).ok_or_else(unknown)?;
    let job = state.jobs.find(&job_id.to_string()).await.map_err(sql_failed)?;
    let job = job.filter(|job| is_visible(job, context.caller()));
    job.map(|job| Json(job.into())).ok_or_else(unknown)
}

/// Whether a job may be seen by whoever asks: it is theirs, or everything may be seen.
fn is_visible(job: &Job, caller: &Caller) -> bool {
    match caller {
        Caller::Anyone => true,
        Caller::Nobody => false,
        Caller::Account(account) => account.is_administrator || job.owner.as_deref() == Some(&account.id),
    }
}
