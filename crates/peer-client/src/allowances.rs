use async_trait::async_trait;
use http::StatusCode;
use service_kit::{AllowanceSource, ApiError, RequestContext};
use wire::{AllowanceRequest, Grant};

use crate::{Peer, PeerRequest};

/// Counts what is handed out where another service does: user-service, or one that itself asks there.
pub(crate) struct PeerAllowances(pub(crate) Peer);

#[async_trait]
impl AllowanceSource for PeerAllowances {
    async fn take(&self, context: &RequestContext, request: &AllowanceRequest) -> Result<Grant, ApiError> {
        let unavailable =
            || ApiError::unavailable(format!("Limits are not counted: {} is unavailable", self.0.name()));
        let request = PeerRequest::post("/allowances").json(request);
        let answer = self.0.send(context, request).await.map_err(|error| unavailable().because(error))?;
        match answer.status {
            StatusCode::OK => answer.json().map_err(|error| unavailable().because(error)),
            status => Err(unavailable().because(format!("{} answered {status}", self.0.name()))),
        }
    }
}
