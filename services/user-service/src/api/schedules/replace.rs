use axum::{extract::State, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{Schedule, parse_schedule};

use super::read::reply;
use crate::{
    api::{
        bodies::ScheduleBody,
        people::{Address, unknown},
    },
    conditions::Conditions,
    directory::Directory,
    key::Key,
    schedules::normalised,
};

/// Replaces a person's schedule. The hours of the week that `GET /users/{email}` tells are those that rules at `yes` cover
/// wholly.
#[utoipa::path(put, path = "/users/{email}/schedule", operation_id = "replace_schedule", params(
    ("email" = String, Path, description = "In any case"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the schedule that is to be replaced"),
), request_body = ScheduleBody, responses(
    (status = 200, description = "The schedule as it is now: sorted and merged", body = Schedule,
        headers(("ETag" = String, description = "Stands for this content"))),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 404, description = "There is no such person"),
    (status = 412, description = "The schedule has another ETag; nothing was changed"),
    (status = 503, description = "The database is unavailable; the schedule may be replaced or not"),
))]
pub(super) async fn replace(
    State(directory): State<Directory>,
    context: RequestContext,
    conditions: Conditions,
    address: Address,
    body: Body,
) -> Result<Response, ApiError> {
    let given = parse_schedule(&body.0).map_err(ApiError::bad_request)?;
    let (schedule, view) = normalised(&given).map_err(ApiError::internal)?;
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let case_id = context.case_id().clone();
    if !directory.replace_schedule(key, schedule.clone(), view, conditions, case_id).await? {
        return Err(unknown());
    }
    Ok(reply(&schedule))
}
