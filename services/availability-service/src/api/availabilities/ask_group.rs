use axum::{
    Json,
    extract::{RawQuery, State},
};
use service_kit::{ApiError, Body, RequestContext};
use wire::{Attendees, GroupAvailability, GroupAvailabilityRequest, RequestBody};

use super::common_hours;
use crate::api::AppState;

/// The hours that a group shares.
#[utoipa::path(post, path = "/availabilities", request_body = GroupAvailabilityRequest, responses(
    (status = 200, description = "What they share, and each person's preference", body = GroupAvailability),
    (status = 400, description = "The body is wrong, or there is a query"),
    (status = 404, description = "Somebody is unknown; everybody who is, is named"),
    (status = 502, description = "user-service failed"),
    (status = 503, description = "user-service is unavailable"),
))]
pub(super) async fn ask_group(
    State(state): State<AppState>,
    context: RequestContext,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Json<GroupAvailability>, ApiError> {
    let asked = GroupAvailabilityRequest::parse_without_query(&body, query.as_deref());
    let asked = asked.map_err(ApiError::bad_request)?;
    let attendees = Attendees::from_body(asked);
    let (common_availabilities, people) = common_hours(&context, &state, &attendees).await?;
    Ok(Json(GroupAvailability::new(common_availabilities, people)))
}
