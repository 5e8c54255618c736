use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use hyper::body::Body as _;
use mime::Mime;
use tokio::time::timeout;
use wire::Fault;

use super::drain_body::BodyProgress;
use crate::{ApiError, ServeArgs, overload::BodyAdmission};

/// Largest body in bytes, where a route says nothing else.
pub const BODY_LIMIT: usize = 64 * 1024;

/// What some routes accept, and for how long they may work.
#[derive(Clone, Copy, Debug)]
pub struct RouteSettings {
    /// Largest body that is read, in bytes; a larger one is answered with 413.
    pub body_limit: usize,
    /// What a body can be when its `Content-Type` is stated; anything else is answered with 415.
    pub content_types: &'static [&'static str],
    /// Time until the head of the reply, and 503 (or 408 while the client is still sending). `None` for streams.
    pub timeout: Option<Duration>,
}

impl RouteSettings {
    /// JSON of up to 64 KiB, and the process's deadline.
    pub fn new(args: &ServeArgs) -> RouteSettings {
        RouteSettings {
            body_limit: BODY_LIMIT,
            content_types: &["application/json"],
            timeout: Some(args.request_timeout()),
        }
    }
}

/// Keeps a request and its handler within the settings of the route.
pub(crate) async fn limits(
    State(settings): State<RouteSettings>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Err(refusal) = check_content(&request, settings.content_types) {
        return refusal.into_response();
    }
    request.extensions_mut().insert(settings);
    let Some(limit) = settings.timeout else { return next.run(request).await };
    let body = request.extensions().get::<BodyProgress>().cloned();
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) if body.is_some_and(|body| body.is_waited_for()) => {
            let msg = format!("The body did not arrive within {limit:?}");
            ApiError::http(StatusCode::REQUEST_TIMEOUT, msg).into_response()
        }
        Err(_elapsed) => {
            ApiError::unavailable(format!("The request was not done within {limit:?}")).into_response()
        }
    }
}

/// Refuses a body that says it is something else than the route takes. One that says nothing is read.
fn check_content(request: &Request, accepted: &[&str]) -> Result<(), ApiError> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let headers = request.headers();
    // A page on any site can have a browser send a body that states no type, and the browser asks nobody before.
    let is_from_a_page = headers.contains_key(header::ORIGIN) && !request.body().is_end_stream();
    if is_from_a_page && !headers.contains_key(header::CONTENT_TYPE) {
        let names = accepted.join(" or ");
        return Err(unsupported(header::CONTENT_TYPE, format!("State that the body is {names}")));
    }
    let is_accepted = stated(headers, header::CONTENT_TYPE).all(|stated| is_utf8_of(stated, accepted));
    if !is_accepted || headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        let names = accepted.join(" or ");
        return Err(unsupported(header::CONTENT_TYPE, format!("The body should be {names} in UTF-8")));
    }
    if !stated(headers, header::CONTENT_ENCODING).all(|coding| coding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported(header::CONTENT_ENCODING, "The body should not be encoded".to_owned()));
    }
    Ok(())
}

/// The header's values; one that is no text is as wrong as any other.
fn stated(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("\0").trim())
}

fn is_utf8_of(stated: &str, accepted: &[&str]) -> bool {
    stated.parse::<Mime>().is_ok_and(|stated| {
        let is_utf8 = stated.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
        accepted.contains(&stated.essence_str()) && is_utf8
    })
}

fn unsupported(header: header::HeaderName, msg: String) -> ApiError {
    let fault = Fault::new(["header", header.as_str()], "value_error", msg);
    ApiError::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, vec![fault])
}

/// A request's whole body, within the limit of its route.
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Body, ApiError> {
        let limit =
            request.extensions().get().map_or(BODY_LIMIT, |settings: &RouteSettings| settings.body_limit);
        let admission = request.extensions().get::<BodyAdmission>().cloned();
        let declared = request.body().size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok());
        let expected = declared.unwrap_or(limit).min(limit);
        // Who waits for leave to send it, or has not begun, need not.
        if request.body().size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(too_large(limit));
        }
        if let Some(admission) = &admission {
            admission.reserve(expected)?;
        }
        let body = read(request.into_body(), expected, limit).await?;
        if let Some(admission) = &admission {
            admission.enter(body.len()).await?;
        }
        Ok(Body(body))
    }
}

/// Reads a body to its end. Its pieces are copied together as they come: what arrives in many small ones takes no more
/// memory than what arrives at once.
async fn read(body: axum::body::Body, expected: usize, limit: usize) -> Result<Bytes, ApiError> {
    let mut read = Vec::with_capacity(expected);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            let fault = Fault::new(["body"], "value_error", "The body could not be read to its end");
            ApiError::bad_request(vec![fault]).because(error)
        })?;
        if piece.len() > limit - read.len() {
            return Err(too_large(limit));
        }
        read.extend_from_slice(&piece);
    }
    Ok(read.into())
}

fn too_large(limit: usize) -> ApiError {
    ApiError::http(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is larger than {limit} bytes"))
}
