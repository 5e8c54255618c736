use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use service_kit::{ApiError, RequestContext};
use utoipa::ToSchema;
use wire::{Email, Timestamp};

use super::reply::Task;
use crate::api::{AppState, sql_failed};

/// Jobs that one statement looks at.
const BATCH: u32 = 500;

/// All jobs that are somebody's.
#[derive(Serialize, ToSchema)]
pub(super) struct JobExport {
    /// When they were read.
    exported_at: Timestamp,
    /// Those that have the address in them; in one's own export also those that one has ordered. The oldest first.
    jobs: Vec<ExportedJob>,
}

/// A job with what it was told.
#[derive(Serialize, ToSchema)]
struct ExportedJob {
    #[serde(flatten)]
    task: Task,
    /// What it was told.
    payload: Value,
}

/// All jobs about one's own address, and those that one has ordered. user-service has all else.
#[utoipa::path(get, path = "/account/export", operation_id = "export_own_jobs", responses(
    (status = 200, description = "The jobs", body = JobExport),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 503, description = "The job store is unavailable"),
))]
pub(super) async fn export_own_jobs(
    State(state): State<AppState>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let account = context.account()?;
    let email = account.email.as_deref();
    let email =
        email.ok_or_else(|| ApiError::forbidden("The installation's administrator has no account"))?;
    export(&state, email, Some(&account.id)).await
}

/// All jobs about an address.
#[utoipa::path(get, path = "/accounts/{email}/export", operation_id = "export_jobs", params(
    ("email" = String, Path, description = "The address, in any case"),
), responses(
    (status = 200, description = "The jobs", body = JobExport),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "Who is signed in is no administrator"),
    (status = 404, description = "Nobody can have this address"),
    (status = 503, description = "The job store is unavailable"),
))]
pub(super) async fn export_jobs(
    State(state): State<AppState>,
    email: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(email) = email.map_err(|_| ApiError::not_found("Nobody can have this address"))?;
    export(&state, &email, None).await
}

async fn export(state: &AppState, email: &str, account: Option<&str>) -> Result<Response, ApiError> {
    let key = Email::key(email);
    let (mut jobs, mut after) = (Vec::new(), String::new());
    loop {
        let subjects = state.jobs.subjects(&after, BATCH).await.map_err(sql_failed)?;
        let Some(last) = subjects.last() else { break };
        after.clone_from(&last.job_id);
        for subject in subjects {
            let is_ordered = account.is_some() && subject.owner.as_deref() == account;
            if !is_ordered && !subject.names(&key) {
                continue;
            }
            if let Some(job) = state.jobs.find(&subject.job_id).await.map_err(sql_failed)? {
                let payload = job.order.payload.clone();
                jobs.push(ExportedJob { task: job.into(), payload });
            }
        }
    }
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"jobs.json\""),
    ];
    Ok((headers, Json(JobExport { exported_at: Timestamp::now(), jobs })).into_response())
}
