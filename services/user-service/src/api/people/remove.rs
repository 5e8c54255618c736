use axum::{extract::State, http::StatusCode};
use service_kit::ApiError;

use super::{Address, unknown};
use crate::{conditions::Conditions, directory::Directory, key::Key};

/// Deletes a person. The next read on every replica sees it.
#[utoipa::path(delete, path = "/users/{email}", params(
    ("email" = String, Path, description = "In any case"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the record that is to be deleted"),
), responses(
    (status = 204, description = "The person is deleted"),
    (status = 404, description = "There is no such person"),
    (status = 412, description = "The person has another ETag; nothing was changed"),
    (status = 503, description = "The database is unavailable; the person may be deleted or not"),
))]
pub(super) async fn remove(
    State(directory): State<Directory>,
    conditions: Conditions,
    address: Address,
) -> Result<StatusCode, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    if directory.remove(key, conditions).await? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}
