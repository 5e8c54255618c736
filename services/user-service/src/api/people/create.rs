use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{NewPerson, Person, Timestamp};

use super::{NewPersonBody, person};
use crate::directory::{Created, Directory};

/// Creates a person. Sent again with the same content it changes nothing, so it may be repeated.
#[utoipa::path(post, path = "/users", request_body = NewPersonBody, responses(
    (status = 200, description = "The same person with the same content was stored already", body = Person,
        headers(("ETag" = String, description = "Stands for this content"))),
    (status = 201, description = "The person is stored", body = Person,
        headers(("ETag" = String, description = "Stands for this content"))),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 409, description = "A person with this address and other content is stored already"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn create(
    State(directory): State<Directory>,
    context: RequestContext,
    body: Body,
) -> Result<Response, ApiError> {
    let new = NewPerson::parse(&body.0).map_err(ApiError::bad_request)?;
    context.require_among([new.email.as_str()])?;
    match directory.create(&new, Timestamp::now()).await? {
        Created::New(record) => Ok(person(StatusCode::CREATED, record)),
        Created::Same(record) => Ok(person(StatusCode::OK, record)),
        Created::Other => Err(ApiError::http(
            StatusCode::CONFLICT,
            "A user with this e-mail address and other content exists already; PUT /users/{email} replaces it",
        )),
    }
}
