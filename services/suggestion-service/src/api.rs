use axum::{
    Json,
    extract::{RawQuery, State},
};
use domain::suggest;
use service_kit::{ApiError, RequestContext};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Attendees, Query, Suggestion, Suggestions, preference_parameter};

use crate::{metrics::SuggestionMetrics, shared::SharedHours};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) shared: SharedHours,
    pub(crate) metrics: SuggestionMetrics,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(suggestions)).with_state(state)
}

/// The hours to propose to two people or a group: one for each distinct preference.
#[utoipa::path(get, path = "/suggestions", params(
    ("userId1" = Option<String>, Query, description = "The first of two people"),
    ("userId2" = Option<String>, Query, description = "The second of two people"),
    ("userId" = Option<Vec<String>>, Query, description = "Instead of these: everybody in a group of 2 to 100"),
    ("preference" = Option<String>, Query, description = "first, last or random: overrides what the people prefer"),
), responses(
    (status = 200, description = "The proposals; none when nothing is shared", body = Suggestions),
    (status = 400, description = "A parameter is missing or wrong"),
    (status = 404, description = "Somebody is unknown"),
    (status = 502, description = "availability-service failed"),
    (status = 503, description = "availability-service is unavailable"),
))]
async fn suggestions(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    context: RequestContext,
) -> Result<Json<Suggestions>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let attendees = Attendees::parse(&mut query);
    let preference = preference_parameter(&mut query);
    let attendees = query.finish(attendees).map_err(ApiError::bad_request)?;
    let (common, theirs) = state.shared.of(&attendees, &context).await?;
    let preferences = preference.map_or(theirs, |preference| vec![preference]);
    let slots = state.metrics.observe(|| suggest(common, &preferences, |n| rand::random_range(0..n)));
    let suggestions = slots.into_iter().map(Suggestion::from).collect();
    Ok(Json(Suggestions { case_id: context.case_id().to_string(), suggestions }))
}
