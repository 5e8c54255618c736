use axum::{
    Json,
    extract::{RawQuery, State},
};
use service_kit::{ApiError, RequestContext};
use wire::{Attendees, AvailabilityReply, GroupAvailability, PairAvailability, Query, schema::UserId};

use super::common_hours;
use crate::api::AppState;

/// The hours that two people share.
///
/// A group may be asked for here too, by `userId` 2 to 100 times instead of `userId1` and `userId2`, as long as the URL
/// has at most 8 KiB, which every gateway takes. `POST` takes any group.
#[utoipa::path(get, path = "/availabilities", params(
    ("userId1" = inline(UserId), Query, description = "The first of two people"),
    ("userId2" = inline(UserId), Query, description = "The second of two people"),
), responses(
    (status = 200, description = "What they share; for a group, each person's preference in a list", body = AvailabilityReply),
    (status = 400, description = "A parameter is missing or wrong; every fault is named"),
    (status = 404, description = "Somebody is unknown"),
    (status = 502, description = "user-service failed"),
    (status = 503, description = "user-service is unavailable"),
))]
pub(super) async fn read(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    context: RequestContext,
) -> Result<Json<AvailabilityReply>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let attendees = Attendees::parse(&mut query);
    let attendees = query.finish(attendees).map_err(ApiError::bad_request)?;
    let (common_availabilities, people) = common_hours(&context, &state, &attendees).await?;
    Ok(Json(match (&attendees, people.as_slice()) {
        (Attendees::Pair(_), [first, second]) => AvailabilityReply::Pair(PairAvailability {
            common_availabilities,
            user1preference: first.preferences,
            user2preference: second.preferences,
        }),
        _ => AvailabilityReply::Group(GroupAvailability::new(common_availabilities, people)),
    }))
}
