use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Serialize;
use service_kit::{ApiError, RequestContext};
use utoipa::ToSchema;
use wire::{
    Query,
    schema::{JobId, JobStateName, PageSize},
};

use super::reply::Task;
use crate::{
    api::{AppState, sql_failed},
    job::JobState,
};

/// Jobs on a page, unless the request says otherwise.
const PAGE: u32 = 50;
/// Most jobs on a page.
pub(in crate::api) const LARGEST_PAGE: u32 = 100;

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskPage {
    /// The newest first.
    tasks: Vec<Task>,
    /// Goes into `after` for the next page; `null` on the last one.
    #[schema(value_type = Option<JobId>, required = true)]
    next: Option<String>,
}

struct Selection {
    state: Option<JobState>,
    after: Option<String>,
    limit: u32,
}

/// Lists jobs about two people, the newest first; whoever is signed in sees their own. One about a poll is looked up by its id, which whoever ordered it knows.
#[utoipa::path(get, path = "/tasks", params(
    ("state" = inline(Option<JobStateName>), Query, description = "Only jobs in this state"),
    ("limit" = inline(Option<PageSize>), Query, description = "Most jobs on the page"),
    ("after" = inline(Option<JobId>), Query, description = "`next` of the page before"),
), responses(
    (status = 200, description = "A page of jobs", body = TaskPage),
    (status = 422, description = "A parameter is wrong"),
    (status = 503, description = "The job store is unavailable"),
))]
pub(super) async fn list_tasks(
    State(app): State<AppState>,
    context: RequestContext,
    RawQuery(query): RawQuery,
) -> Result<Json<TaskPage>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    query.refuse_others(&["state", "limit", "after"]);
    let selection = selection(&mut query);
    let Selection { state, after, limit } = query.finish(selection).map_err(ApiError::unprocessable)?;
    // One more than the page tells whether there is a next one.
    let mut jobs =
        app.jobs.page(context.account_id(), state, after.as_deref(), limit + 1).await.map_err(sql_failed)?;
    let more = jobs.len() > limit as usize;
    jobs.truncate(limit as usize);
    let next = if more { jobs.last().map(|job| job.job_id.clone()) } else { None };
    Ok(Json(TaskPage { tasks: jobs.into_iter().map(Task::from).collect(), next }))
}

fn selection(query: &mut Query) -> Option<Selection> {
    let state = query.optional("state").map(|name| {
        let state = JobState::from_name(&name);
        if state.is_none() {
            query.fault(
                "state",
                "value_error",
                "Not a state; use queued, running, succeeded, failed or dead",
            );
        }
        state
    });
    let (limit, after) = query.page(PAGE, LARGEST_PAGE);
    // An inner `None` is a fault that was noted, so the whole is refused anyway.
    Some(Selection { state: state.flatten(), after, limit })
}
