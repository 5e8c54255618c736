use axum::{extract::State, response::Response};
use service_kit::ApiError;
use wire::Person;

use super::{Address, conditions, unknown};
use crate::{conditions::Conditions, directory::Directory, key::Key};

/// One person.
#[utoipa::path(get, path = "/users/{email}", params(
    ("email" = String, Path, description = "In any case"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of records that the client has"),
), responses(
    (status = 200, description = "The person", body = Person, headers(("ETag" = String, description = "Stands for this content"))),
    (status = 304, description = "The client has this record"),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(
    State(directory): State<Directory>,
    conditions: Conditions,
    address: Address,
) -> Result<Response, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let record = directory.find_one(key).await?.ok_or_else(unknown)?;
    conditions::read(&conditions, record)
}
