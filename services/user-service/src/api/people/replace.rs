use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{Fault, NewPerson, Person};

use super::{Address, NewPersonBody, person, unknown};
use crate::{conditions::Conditions, directory::Directory, key::Key};

/// Replaces a person's content. The next read on every replica sees it.
#[utoipa::path(put, path = "/users/{email}", params(
    ("email" = String, Path, description = "In any case"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the record that is to be replaced"),
), request_body = NewPersonBody, responses(
    (status = 200, description = "The person as they are now", body = Person, headers(("ETag" = String, description = "Stands for this content"))),
    (status = 400, description = "The body is wrong, or about somebody else; every fault is named"),
    (status = 404, description = "There is no such person"),
    (status = 412, description = "The person has another ETag; nothing was changed"),
    (status = 503, description = "The database is unavailable; the person may be changed or not"),
))]
pub(super) async fn replace(
    State(directory): State<Directory>,
    context: RequestContext,
    conditions: Conditions,
    address: Address,
    body: Body,
) -> Result<Response, ApiError> {
    let new = NewPerson::parse(&body.0).map_err(ApiError::bad_request)?;
    if Key::of(&address.0) != Some(Key::from(&new.email)) {
        let msg = "The address in the body is not the one in the path; a person keeps their address";
        return Err(ApiError::bad_request(vec![Fault::new(["body", "email"], "value_error", msg)]));
    }
    let record = directory.replace(&new, conditions, context.case_id().clone()).await?.ok_or_else(unknown)?;
    Ok(person(StatusCode::OK, record))
}
