use std::borrow::Cow;

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::{CaseId, ErrorBody};

use crate::ApiError;

/// Seconds after which a client may ask again when something was unavailable.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
/// How a client says who it is.
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

/// Writes the body of errors, unless the reply brings one of its own.
pub(super) async fn error_body(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let case_id = request.extensions().get::<CaseId>().cloned();
    let response = next(request).await;
    let status = response.status();
    if status.as_u16() < 400 {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    // A page for people says itself what is wrong.
    let has_its_own =
        kind.is_some_and(|kind| kind == "application/json" || kind == "text/html; charset=utf-8");
    let mut response = match case_id {
        Some(case_id) if !has_its_own => with_body(response, &case_id),
        _ => response,
    };
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        StatusCode::UNAUTHORIZED => {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
        }
        _ => (),
    }
    response
}

fn with_body(response: Response, case_id: &CaseId) -> Response {
    let (mut parts, _body) = response.into_parts();
    let error = match parts.extensions.get::<ApiError>() {
        Some(error) => Cow::Borrowed(error),
        None => Cow::Owned(ApiError::http(parts.status, parts.status.canonical_reason().unwrap_or("Error"))),
    };
    let body = Json(ErrorBody { case_id: case_id.as_str(), detail: error.detail() }).into_response();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(body.headers().clone());
    Response::from_parts(parts, body.into_body())
}
