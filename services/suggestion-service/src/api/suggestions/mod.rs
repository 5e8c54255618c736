//! Which of the shared hours to take.

mod ask_group;
mod read;

use axum::Json;
use domain::{Preference, suggest};
use service_kit::{ApiError, RequestContext};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Attendees, Suggestion, Suggestions};

use super::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read::read, ask_group::ask_group))
}

/// The reply for these attendees; a `preference` overrides theirs.
async fn reply(
    context: &RequestContext,
    state: &AppState,
    attendees: &Attendees,
    preference: Option<Preference>,
) -> Result<Json<Suggestions>, ApiError> {
    context.require_among(attendees.ids().iter().map(String::as_str))?;
    let (common, theirs) = state.availability.common_hours(context, attendees).await?;
    let preferences = preference.map_or(theirs, |preference| vec![preference]);
    let slots = state.metrics.observe(|| suggest(common, &preferences, |n| rand::random_range(0..n)));
    let suggestions = slots.into_iter().map(Suggestion::from).collect();
    Ok(Json(Suggestions { case_id: context.case_id().to_string(), suggestions }))
}
