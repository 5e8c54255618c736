use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use service_kit::{ApiError, EntityTags};

use super::person;
use crate::{
    conditions::{Conditions, Reading},
    record::Record,
};

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Conditions, ApiError> {
        Ok(Conditions {
            if_match: EntityTags::of_header(&parts.headers, &header::IF_MATCH)?,
            if_none_match: EntityTags::of_header(&parts.headers, &header::IF_NONE_MATCH)?,
        })
    }
}

pub(in crate::api) fn precondition_failed() -> ApiError {
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
