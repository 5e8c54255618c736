//! What people share.

mod ask_group;
mod read;

use domain::WeekHours;
use service_kit::{ApiError, RequestContext};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Attendees, Availabilities, Person};

use super::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read::read, ask_group::ask_group))
}

/// The attendees, and the hours on which all of them are free.
async fn common_hours(
    context: &RequestContext,
    state: &AppState,
    attendees: &Attendees,
) -> Result<(Availabilities, Vec<Person>), ApiError> {
    context.require_among(attendees.ids().iter().map(String::as_str))?;
    let people = state.users.people(context, attendees).await?;
    let weeks = people.iter().map(|person| person.availabilities.0);
    let common = state.metrics.observe(people.len(), || WeekHours::common(weeks));
    Ok((Availabilities(common), people))
}
