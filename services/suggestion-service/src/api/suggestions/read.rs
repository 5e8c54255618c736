use axum::{
    Json,
    extract::{RawQuery, State},
};
use service_kit::{ApiError, RequestContext};
use wire::{
    Attendees, Query, Suggestions, preference_parameter,
    schema::{PreferenceName, UserId},
};

use super::reply;
use crate::api::AppState;

/// The hours to propose to two people: one for each distinct preference.
///
/// A group may be asked for here too, by `userId` 2 to 100 times instead of `userId1` and `userId2`, as long as the URL
/// has at most 8 KiB, which every gateway takes. `POST` takes any group.
#[utoipa::path(get, path = "/suggestions", params(
    ("userId1" = inline(UserId), Query, description = "The first of two people"),
    ("userId2" = inline(UserId), Query, description = "The second of two people"),
    ("preference" = inline(Option<PreferenceName>), Query, description = "Overrides what the people prefer"),
), responses(
    (status = 200, description = "The proposals; none when nothing is shared", body = Suggestions),
    (status = 400, description = "A parameter is missing or wrong; every fault is named"),
    (status = 404, description = "Somebody is unknown"),
    (status = 502, description = "availability-service failed"),
    (status = 503, description = "availability-service is unavailable"),
))]
pub(super) async fn read(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    context: RequestContext,
) -> Result<Json<Suggestions>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let attendees = Attendees::parse(&mut query);
    let preference = preference_parameter(&mut query);
    let attendees = query.finish(attendees).map_err(ApiError::bad_request)?;
    reply(&context, &state, &attendees, preference).await
}
