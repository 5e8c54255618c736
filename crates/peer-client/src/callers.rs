use async_trait::async_trait;
use http::StatusCode;
use service_kit::{ApiError, CallerSource, RequestContext};
use wire::{Account, CallerRequest};

use crate::{Peer, PeerRequest};

/// Says who is signed in as another service does: user-service, or one that itself asks there.
pub(crate) struct PeerCallers(pub(crate) Peer);

#[async_trait]
impl CallerSource for PeerCallers {
    async fn find(&self, context: &RequestContext, token_hash: &str) -> Result<Option<Account>, ApiError> {
        let unavailable =
            || ApiError::unavailable(format!("Nobody can be signed in: {} is unavailable", self.0.name()));
        let request = PeerRequest::post("/callers")
            .json(&CallerRequest { token_hash: token_hash.to_owned() })
            .repeatable();
        let answer = self.0.send(context, request).await.map_err(|error| unavailable().because(error))?;
        match answer.status {
            StatusCode::OK => answer.json().map(Some).map_err(|error| unavailable().because(error)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(unavailable().because(format!("{} answered {status}", self.0.name()))),
        }
    }
}
