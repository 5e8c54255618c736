use std::{error::Error, fmt, iter, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::{Fault, Loc};

/// Most faults that one reply names.
const MOST_FAULTS: usize = 20;
/// Longest message and longest name in bytes; a valid address has at most 320 characters.
const MOST_TEXT: usize = 1_500;
const MOST_CAUSES: usize = 4_000;

/// The code of what is refused because there is too much to do.
pub const OVERLOADED: &str = "overloaded";

/// An answer with a status from 400. What it says to the client stands apart from its cause, which only the log sees.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {}", self.summary())]
pub struct ApiError {
    status: StatusCode,
    detail: Vec<Fault>,
    retry_after: Option<Duration>,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// The request's input is wrong: every fault of it.
    pub fn invalid(status: StatusCode, faults: Vec<Fault>) -> ApiError {
        ApiError { status, detail: bounded(faults), retry_after: None, source: None }
    }

    /// The input is wrong, in a service that says so with 400.
    pub fn bad_request(faults: Vec<Fault>) -> ApiError {
        ApiError::invalid(StatusCode::BAD_REQUEST, faults)
    }

    /// The input is wrong, in a service that says so with 422.
    pub fn unprocessable(faults: Vec<Fault>) -> ApiError {
        ApiError::invalid(StatusCode::UNPROCESSABLE_ENTITY, faults)
    }

    /// Anything else, with one sentence for the client.
    pub fn http(status: StatusCode, msg: impl Into<String>) -> ApiError {
        let fault = Fault { code: code_of(status), ..Fault::http(msg) };
        ApiError { status, detail: bounded(vec![fault]), retry_after: None, source: None }
    }

    /// Whoever asks has to say who they are, or has not done so well.
    pub fn unauthorized(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::UNAUTHORIZED, msg)
    }

    /// Whoever asks may not do this.
    pub fn forbidden(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::FORBIDDEN, msg)
    }

    pub fn not_found(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::NOT_FOUND, msg)
    }

    /// Something that the service needs is not available for now; asking again later may help.
    pub fn unavailable(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::SERVICE_UNAVAILABLE, msg)
    }

    /// There is more to do than can be done; asking again later may help. Nothing has failed.
    pub fn overloaded() -> ApiError {
        ApiError::unavailable("There is too much to do just now; try again in a moment").code(OVERLOADED)
    }

    /// A fault of ours: the client learns nothing but that.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        ApiError::http(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").because(source)
    }

    /// Says by which code programs know this error, where the status does not tell enough.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> ApiError {
        for fault in &mut self.detail {
            fault.code = code;
        }
        self
    }

    /// Says when asking again may help, in the header `Retry-After`. A 503 has that header in any case.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> ApiError {
        ApiError { retry_after: Some(wait), ..self }
    }

    /// Adds the cause, which is logged once and never shown to the client.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        self.source = Some(Arc::from(source.into()));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether there was too much to do, and nothing else wrong.
    pub(crate) fn is_overload(&self) -> bool {
        self.detail.iter().all(|fault| fault.code == OVERLOADED)
    }

    pub fn detail(&self) -> &[Fault] {
        &self.detail
    }

    /// What is wrong and where, in words of ours alone: messages may have people's addresses in them, and so may names that
    /// only the client knows.
    pub(crate) fn codes(&self) -> String {
        let codes = self.detail.iter().take(5).map(|fault| {
            let places = if fault.code == "extra_forbidden" { 1 } else { 2 };
            let place: Vec<String> = fault.loc.iter().take(places).map(place_in_log).collect();
            format!("{} ({})", fault.code, place.join("."))
        });
        codes.collect::<Vec<_>>().join(", ")
    }

    fn summary(&self) -> String {
        let messages: Vec<&str> = self.detail.iter().map(|fault| fault.msg.as_str()).collect();
        messages.join("; ")
    }
}

impl IntoResponse for ApiError {
    /// A bare status with the error attached: the middleware writes the body, with the Case-ID in it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A place as a log may name it: what looks like none of our names is left out.
fn place_in_log(place: &Loc) -> String {
    let place = place.to_string();
    let is_name = place.len() <= 40 && place.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { place } else { "…".to_owned() }
}

/// Faults as a reply names them: a client that sends much that is wrong gets little back.
fn bounded(mut faults: Vec<Fault>) -> Vec<Fault> {
    let more = faults.len().saturating_sub(MOST_FAULTS);
    faults.truncate(MOST_FAULTS);
    for fault in &mut faults {
        shorten(&mut fault.msg, MOST_TEXT);
        for step in &mut fault.loc {
            if let Loc::Name(name) = step {
                shorten(name, MOST_TEXT);
            }
        }
    }
    if let (1.., Some(first)) = (more, faults.first()) {
        let place = first.loc.first().cloned();
        faults.push(Fault::new(place, "too_many_faults", format!("and {more} more")));
    }
    faults
}

/// Cuts a text that is longer than `most` bytes and says so with an ellipsis.
pub(crate) fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
}

fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "bad_request",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::REQUEST_TIMEOUT => "body_timeout",
        StatusCode::CONFLICT => "conflict",
        StatusCode::PRECONDITION_FAILED => "precondition_failed",
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::MISDIRECTED_REQUEST => "wrong_host",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::BAD_GATEWAY => "bad_gateway",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        _ if status.is_client_error() => "refused",
        _ => "internal_error",
    }
}

/// An error with all its causes, as one line for the log.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl fmt::Display + 'a {
    struct Chain<'a>(&'a (dyn Error + 'static));
    impl fmt::Display for Chain<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let causes = iter::successors(self.0.source(), |cause| (*cause).source());
            let mut text = self.0.to_string();
            for cause in causes.map(ToString::to_string) {
                // Some errors tell their cause themselves.
                if !text.contains(&cause) {
                    text.push_str(": ");
                    text.push_str(&cause);
                }
            }
            shorten(&mut text, MOST_CAUSES);
            f.write_str(&text)
        }
    }
    Chain(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_no_names_that_only_the_client_knows() {
        let fault = |loc: &[&'static str], code| Fault::new(loc.iter().copied(), code, "ada@example.com");
        let refusal = ApiError::bad_request(vec![
            fault(&["body", "email"], "value_error"),
            fault(&["query", "ada@example.com"], "extra_forbidden"),
            fault(&["body", "ada@example.com"], "value_error"),
        ]);
        assert_eq!(
            refusal.codes(),
            "value_error (body.email), extra_forbidden (query), value_error (body.…)"
        );
    }
}
