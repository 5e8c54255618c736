use axum::{extract::State, http::StatusCode};
use service_kit::ApiError;

use super::{Address, unknown};
use crate::{directory::Directory, key::Key};

/// Deletes a person. The next read on every replica sees it.
#[utoipa::path(delete, path = "/users/{email}", params(("email" = String, Path, description = "In any case")), responses(
    (status = 204, description = "The person is deleted"),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable; the person may be deleted or not"),
))]
pub(super) async fn remove(
    State(directory): State<Directory>,
    address: Address,
) -> Result<StatusCode, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    if directory.remove(key).await? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}
