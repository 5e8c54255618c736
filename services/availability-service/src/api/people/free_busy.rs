use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use service_kit::{ApiError, Body, RequestContext};
use wire::{GroupBusy, GroupBusyRequest, GroupBusyRequestSchema, GuestError};

use crate::{api::AppState, compute::busy_view, schedule_client::Group};

/// When up to 1,000 people are free and busy. Whoever is not known is named, and the others are answered for.
#[utoipa::path(post, path = "/freebusy", request_body = GroupBusyRequestSchema, responses(
    (status = 200, description = "A view and the busy times of each", body = GroupBusy),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 413, description = "The body is too large"),
    (status = 502, description = "user-service failed"),
    (status = 503, description = "user-service is unavailable, or there is too much to compute"),
))]
pub(super) async fn free_busy(
    State(state): State<AppState>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let asked = GroupBusyRequest::parse(&body).map_err(ApiError::bad_request)?;
    context.require_among(asked.people.iter().map(String::as_str))?;
    let (range, interval) = (asked.span, asked.interval_minutes);
    let Group { people, unknown } = state.schedules.group(&context, asked.people, range).await?;
    let count = people.len();
    let views = move || {
        let people = people.iter().map(|person| busy_view(person, range, interval)).collect();
        let errors = unknown.into_iter().map(GuestError::not_found).collect();
        serde_json::to_vec(&GroupBusy { people, errors })
    };
    let reply = state.compute.run(move || state.metrics.observe(count, views)).await?;
    let reply = reply.map_err(ApiError::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], reply).into_response())
}
