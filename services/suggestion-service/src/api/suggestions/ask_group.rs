use axum::{
    Json,
    extract::{RawQuery, State},
};
use service_kit::{ApiError, Body, RequestContext};
use wire::{Attendees, GroupAvailabilityRequest, GroupSuggestionRequest, RequestBody, Suggestions};

use super::reply;
use crate::api::AppState;

/// The hours to propose to a group: one for each distinct preference.
#[utoipa::path(post, path = "/suggestions", request_body = GroupSuggestionRequest, responses(
    (status = 200, description = "The proposals; none when nothing is shared", body = Suggestions),
    (status = 400, description = "The body is wrong, or there is a query"),
    (status = 404, description = "Somebody is unknown; everybody who is, is named"),
    (status = 502, description = "availability-service failed"),
    (status = 503, description = "availability-service is unavailable"),
))]
pub(super) async fn ask_group(
    State(state): State<AppState>,
    context: RequestContext,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Json<Suggestions>, ApiError> {
    let asked = GroupSuggestionRequest::parse_without_query(&body, query.as_deref());
    let asked = asked.map_err(ApiError::bad_request)?;
    let attendees = Attendees::from_body(GroupAvailabilityRequest { user_ids: asked.user_ids });
    reply(&context, &state, &attendees, asked.preference).await
}
