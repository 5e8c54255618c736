use axum::{Json, extract::State};
use service_kit::ApiError;
use wire::Calendars;

use super::CalendarStores;
use crate::{
    api::people::{Address, unknown},
    directory::DirectoryError,
    key::Key,
};

/// The calendars that were imported for a person.
#[utoipa::path(get, path = "/users/{email}/calendars", operation_id = "list_calendars", params(
    ("email" = String, Path, description = "In any case"),
), responses(
    (status = 200, description = "The calendars by name", body = Calendars),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn list(
    State(state): State<CalendarStores>,
    address: Address,
) -> Result<Json<Calendars>, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let calendars = state.directory.people().calendars(&key).await.map_err(DirectoryError::from)?;
    Ok(Json(Calendars { calendars: calendars.ok_or_else(unknown)? }))
}
