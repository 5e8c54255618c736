use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use domain::WeekHours;
use service_kit::{ApiError, RequestContext};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Attendees, Availabilities, GroupAvailability, PairAvailability, Person, PersonPreference, Query};

use crate::{metrics::GroupMetrics, people::People};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) people: People,
    pub(crate) metrics: GroupMetrics,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(availabilities)).with_state(state)
}

/// The hours that two people, or a group, share.
#[utoipa::path(get, path = "/availabilities", params(
    ("userId1" = Option<String>, Query, description = "The first of two people"),
    ("userId2" = Option<String>, Query, description = "The second of two people"),
    ("userId" = Option<Vec<String>>, Query, description = "Instead of these: everybody in a group of 2 to 100"),
), responses(
    (status = 200, description = "What two people share; for a group, `preferences` lists each person", body = PairAvailability),
    (status = 400, description = "A parameter is missing or wrong"),
    (status = 404, description = "Somebody is unknown"),
    (status = 502, description = "user-service failed"),
    (status = 503, description = "user-service is unavailable"),
))]
async fn availabilities(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let attendees = Attendees::parse(&mut query);
    let attendees = query.finish(attendees).map_err(ApiError::bad_request)?;
    let records = state.people.records(&attendees, &context).await?;
    let weeks = records.iter().map(|person| person.availabilities.0);
    let common = Availabilities(state.metrics.observe(records.len(), || WeekHours::common(weeks)));
    Ok(match (&attendees, records.as_slice()) {
        (Attendees::Pair(_), [first, second]) => Json(pair(common, first, second)).into_response(),
        _ => Json(group(common, records)).into_response(),
    })
}

fn pair(common_availabilities: Availabilities, first: &Person, second: &Person) -> PairAvailability {
    PairAvailability {
        common_availabilities,
        user1preference: first.preferences,
        user2preference: second.preferences,
    }
}

fn group(common_availabilities: Availabilities, people: Vec<Person>) -> GroupAvailability {
    let preferences = people
        .into_iter()
        .map(|person| PersonPreference { user_id: person.email, preference: person.preferences })
        .collect();
    GroupAvailability { common_availabilities, preferences }
}
