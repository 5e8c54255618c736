use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::ApiError;
use wire::Person;

use super::{Address, person, unknown};
use crate::{directory::Directory, key::Key};

/// One person.
#[utoipa::path(get, path = "/users/{email}", params(("email" = String, Path, description = "In any case")), responses(
    (status = 200, description = "The person", body = Person),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(State(directory): State<Directory>, address: Address) -> Result<Response, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let record = directory.find_one(key).await?.ok_or_else(unknown)?;
    Ok(person(StatusCode::OK, record))
}
