use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use service_kit::ApiError;

use crate::{RequestError, TransportError};

/// What a peer said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status; never 503, which is [`PeerError::Unavailable`]. 304 is an answer like any other.
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PeerError> {
        serde_json::from_slice(&self.body).map_err(PeerError::Unreadable)
    }

    /// The version of what was asked for, to be sent back by [`crate::PeerRequest::if_none_match`].
    pub fn etag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }

    /// The reply to the caller where the peer refused the request for its size, which the caller chose.
    pub fn refused_for_size(&self) -> Option<ApiError> {
        matches!(
            self.status,
            StatusCode::PAYLOAD_TOO_LARGE
                | StatusCode::URI_TOO_LONG
                | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
        )
        .then(|| ApiError::http(self.status, TOO_LARGE))
    }
}

const TOO_LARGE: &str = "The request is too large to be passed on";

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The request could not be sent; the peer knows nothing of it.
    #[error("the request cannot be sent")]
    Request(#[from] RequestError),
    /// The connection failed or broke, at every attempt.
    #[error("{0} cannot be reached")]
    Unreachable(&'static str, #[source] TransportError),
    /// No whole reply within the deadline.
    #[error("{0} did not answer within {1:?}")]
    Deadline(&'static str, Duration),
    /// It failed repeatedly and is left alone for now.
    #[error("{0} failed repeatedly and is left alone for a moment")]
    BreakerOpen(&'static str),
    /// It said 503, at every attempt.
    #[error("{0} says that it is unavailable")]
    Unavailable(&'static str),
    /// Its reply is not what was agreed.
    #[error("the reply cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

impl PeerError {
    /// The reply to the caller: the caller's own error where the request was one, else 503 with `message`.
    pub fn into_reply(self, message: &str) -> ApiError {
        match self {
            PeerError::Request(_) => ApiError::http(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE).because(self),
            _ => ApiError::unavailable(message).because(self),
        }
    }
}
