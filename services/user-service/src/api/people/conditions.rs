use axum::{
    extract::FromRequestParts,
    http::{HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use service_kit::ApiError;
use wire::Fault;

use super::person;
use crate::{
    conditions::{Conditions, EntityTags, Reading},
    record::Record,
};

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = ApiError;

    /// A condition that cannot be read is refused, for to pass over it would be to overwrite what it protects.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Conditions, ApiError> {
        let read = |name: HeaderName, shown: &'static str| {
            let lines = parts.headers.get_all(&name).iter().map(|line| line.to_str());
            let Ok(lines) = lines.collect::<Result<Vec<_>, _>>() else { return Err(unreadable(shown)) };
            if lines.is_empty() {
                return Ok(None);
            }
            EntityTags::parse(&lines.join(",")).map(Some).ok_or_else(|| unreadable(shown))
        };
        Ok(Conditions {
            if_match: read(header::IF_MATCH, "If-Match")?,
            if_none_match: read(header::IF_NONE_MATCH, "If-None-Match")?,
        })
    }
}

fn unreadable(name: &str) -> ApiError {
    let msg = "Give * or entity tags as they came in ETag, with their quotes, separated by commas";
    ApiError::bad_request(vec![Fault::new(["header", name], "value_error", msg)])
}

pub(super) fn precondition_failed() -> ApiError {
    let msg = "The person was changed since; read it again, and repeat the request with the new ETag";
    ApiError::http(StatusCode::PRECONDITION_FAILED, msg)
}

/// The record, or that the client has it already.
pub(super) fn read(conditions: &Conditions, record: Record) -> Result<Response, ApiError> {
    match conditions.reading(&record) {
        Reading::Send => Ok(person(StatusCode::OK, record)),
        Reading::NotModified => {
            Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, record.entity_tag())]).into_response())
        }
        Reading::Refuse => Err(precondition_failed()),
    }
}
