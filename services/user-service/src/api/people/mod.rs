//! People: `/users` and `/user-avail`.

mod batch;
mod cache_aside;
mod conditions;
mod create;
mod read;
mod remove;
mod replace;

pub(super) use conditions::precondition_failed;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use service_kit::{ApiError, RouteSettings, Routes, ServeArgs};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    Availabilities, Fault,
    schema::{EmailAddress, PreferenceName},
};

use crate::{
    directory::{Directory, DirectoryError},
    record::Record,
};

/// Largest body of a batch: a hundred of the longest names that may be asked for, whatever their letters.
const BATCH_LIMIT: usize = 256 * 1024;

/// All operations on these people.
pub(crate) fn routes(args: &ServeArgs, directory: Directory) -> Routes {
    let batch =
        OpenApiRouter::new().route("/user-avail/batch", post(batch::batch)).with_state(directory.clone());
    let settings = RouteSettings { body_limit: BATCH_LIMIT, ..RouteSettings::new(args) };
    let public = OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(read::read, replace::replace, remove::remove))
        .routes(routes!(cache_aside::cache_aside))
        .with_state(directory);
    Routes::from(public).internal(settings, batch)
}

/// A person to be stored. Members that are not known are passed over.
#[derive(ToSchema)]
#[schema(as = NewPerson)]
#[expect(dead_code, reason = "only OpenAPI looks at it")]
struct NewPersonBody {
    #[schema(value_type = EmailAddress)]
    email: String,
    /// Days are accepted in any case; missing ones are empty.
    availabilities: Availabilities,
    #[schema(value_type = Option<PreferenceName>, default = "first")]
    preferences: Option<String>,
}

/// The address in the path, which may be any text.
pub(super) struct Address(pub(super) String);

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

pub(super) fn unknown() -> ApiError {
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
