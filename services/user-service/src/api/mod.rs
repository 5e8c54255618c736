//! The HTTP API: a file for each operation.

mod batch;
mod cache_aside;
mod conditions;
mod create;
mod read;
mod remove;
mod replace;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use service_kit::ApiError;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Availabilities, Fault};

use crate::{
    directory::{Directory, DirectoryError},
    record::Record,
};

/// All operations on these people.
pub(crate) fn routes(directory: Directory) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(read::read, replace::replace, remove::remove))
        .routes(routes!(cache_aside::cache_aside))
        .routes(routes!(batch::batch))
        .with_state(directory)
}

/// The shape of what [`wire::NewPerson`] reads.
#[derive(ToSchema)]
#[schema(as = NewPerson)]
#[expect(dead_code, reason = "only OpenAPI looks at it")]
struct NewPersonBody {
    #[schema(example = "ada@example.com")]
    email: String,
    /// Days are accepted in any case; missing ones are empty.
    availabilities: Availabilities,
    /// `first`, `last` or `random`.
    #[schema(example = "first", default = "first")]
    preferences: Option<String>,
}

/// The address in the path, which may be any text.
struct Address(String);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Address, ApiError> {
        let Path(address) = Path::from_request_parts(parts, state).await.map_err(|rejection| {
            let fault = Fault::new(["path", "email"], "value_error", "The address is not UTF-8 text");
            ApiError::bad_request(vec![fault]).because(rejection)
        })?;
        Ok(Address(address))
    }
}

fn json(status: StatusCode, text: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn person(status: StatusCode, record: Record) -> Response {
    ([(header::ETAG, record.entity_tag())], json(status, record.into_bytes())).into_response()
}

fn unknown() -> ApiError {
    ApiError::not_found("User Not Found")
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> ApiError {
        match error {
            DirectoryError::PreconditionFailed => conditions::precondition_failed(),
            error if error.is_busy() => ApiError::overloaded().because(error),
            error if error.is_unavailable() => ApiError::unavailable("Database unavailable").because(error),
            error => ApiError::internal(error),
        }
    }
}
