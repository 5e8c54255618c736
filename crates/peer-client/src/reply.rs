use std::error::Error;

use http::StatusCode;
use serde_json::Value;
use service_kit::{ApiError, RequestContext};

use crate::{Answer, Peer, PeerError, PeerRequest};

const TOO_LARGE: &str = "The request is too large to be passed on";

impl Answer {
    /// Whether the peer refused the request for its size.
    pub fn is_refused_for_size(&self) -> bool {
        matches!(
            self.status,
            StatusCode::PAYLOAD_TOO_LARGE
                | StatusCode::URI_TOO_LONG
                | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
        )
    }
}

impl Peer {
    /// [`Peer::send`] for a handler: what goes wrong is the reply to its own caller.
    ///
    /// # Errors
    /// 503 without an answer, with the code `overloaded` where the peer has too much to do; 413, 414 or
    /// 431 where the request is too large for the peer, which the caller chose.
    pub async fn ask(&self, context: &RequestContext, request: PeerRequest) -> Result<Answer, ApiError> {
        match self.send(context, request).await {
            Ok(answer) if answer.is_refused_for_size() => Err(ApiError::http(answer.status, TOO_LARGE)),
            Ok(answer) => Ok(answer),
            Err(error @ PeerError::Request(_)) => {
                Err(ApiError::http(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE).because(error))
            }
            Err(error @ PeerError::Overloaded(_)) => Err(ApiError::overloaded().because(error)),
            Err(error) => {
                Err(ApiError::unavailable(format!("{} is unavailable", self.title())).because(error))
            }
        }
    }

    /// The reply when the peer's answer is of no use: 502.
    pub fn failed(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        ApiError::http(StatusCode::BAD_GATEWAY, format!("{} error", self.title())).because(cause)
    }

    /// The reply to an answer with a status that nobody expects of the peer: 502.
    pub fn unexpected(&self, status: StatusCode) -> ApiError {
        self.failed(format!("{} answered {status}", self.name()))
    }

    /// The peer's refusal of what the caller asked for, to be passed on as it is; 502 where it is no refusal.
    pub fn refusal(&self, answer: &Answer) -> ApiError {
        if !answer.status.is_client_error() {
            return self.unexpected(answer.status);
        }
        let said: Value = answer.json().unwrap_or_default();
        match said["detail"][0]["msg"].as_str() {
            Some(msg) => ApiError::http(answer.status, msg),
            None => self.unexpected(answer.status),
        }
    }

    /// Its name in messages: `User service` for `user-service`.
    fn title(&self) -> String {
        let mut title = self.name().replace('-', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        title
    }
}
