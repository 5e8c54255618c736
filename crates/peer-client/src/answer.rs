use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use service_kit::OVERLOADED;

use crate::{RequestError, TransportError};

/// What a peer said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status; never 503, which is [`PeerError::Unavailable`] or [`PeerError::Overloaded`]. 304
    /// is an answer like any other.
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PeerError> {
        serde_json::from_slice(&self.body).map_err(PeerError::Unreadable)
    }

    /// The version of what was asked for, to be sent back by [`crate::PeerRequest::if_none_match`].
    pub fn etag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Answer {
        let (head, body) = response.into_parts();
        Answer { status: head.status, headers: head.headers, body }
    }
}

/// In the extensions of a 503 by which a peer says that it has too much to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overloaded;

/// Whether the body of a 503 says that there is too much to do.
pub(crate) fn is_overload(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Error {
        detail: Vec<Fault>,
    }
    #[derive(Deserialize)]
    struct Fault {
        code: String,
    }
    serde_json::from_slice(body)
        .is_ok_and(|error: Error| error.detail.iter().any(|fault| fault.code == OVERLOADED))
}

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
    /// It said 503 because it has too much to do.
    #[error("{0} has too much to do")]
    Overloaded(&'static str),
    /// It said 503 for another reason, at every attempt.
    #[error("{0} says that it is unavailable")]
    Unavailable(&'static str),
    /// Its reply is not what was agreed.
    #[error("the reply cannot be read")]
    Unreadable(#[source] serde_json::Error),
}
