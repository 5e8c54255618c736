use axum::{extract::State, http::StatusCode};
use service_kit::{ApiError, RequestContext};

use super::{CalendarPath, CalendarStores};
use crate::{api::people::unknown, directory::DirectoryError, key::Key};

/// Takes a calendar away: it makes the person busy no more.
#[utoipa::path(delete, path = "/users/{email}/calendars/{name}", operation_id = "remove_calendar", params(
    ("email" = String, Path, description = "In any case"),
    ("name" = String, Path, description = "The calendar's name"),
), responses(
    (status = 204, description = "The calendar is gone"),
    (status = 400, description = "No calendar can have this name"),
    (status = 404, description = "There is no such person or calendar"),
    (status = 503, description = "The database is unavailable; the calendar may be gone or not"),
))]
pub(super) async fn remove(
    State(state): State<CalendarStores>,
    path: CalendarPath,
    context: RequestContext,
) -> Result<StatusCode, ApiError> {
    let key = Key::of(&path.address).ok_or_else(unknown)?;
    let removed = state.directory.people().remove_calendar(&key, &path.name, context.case_id()).await;
    if removed.map_err(DirectoryError::from)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("There is no such calendar of this person"))
    }
}
