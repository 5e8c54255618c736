//! Replies that are calendars (RFC 5545).

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// The text of a calendar.
pub(super) fn calendar(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
}

/// Marks a reply with what its meetings have: two replies with the same meetings still differ by when they were made.
pub(super) fn with_weak_tag(tag: &str, mut reply: Response) -> Response {
    if let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}")) {
        reply.headers_mut().insert(header::ETAG, weak);
    }
    reply
}
