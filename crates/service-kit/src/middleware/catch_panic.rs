use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::ApiError;

/// Answers with 500 when a handler panics; the message is in the log.
pub(super) fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

fn answer(panic: Box<dyn Any + Send>) -> Response {
    ApiError::internal(format!("the handler panicked: {}", message(panic.as_ref()))).into_response()
}

pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
