use async_trait::async_trait;
use http::StatusCode;
use service_kit::{ApiError, AuditSink, RequestContext};
use wire::AuditEntriesRequest;

use crate::{Peer, PeerRequest};

/// Has entries of the audit trail kept by another service: user-service, or one that itself sends them there.
pub(crate) struct PeerAudit(pub(crate) Peer);

#[async_trait]
impl AuditSink for PeerAudit {
    async fn store(&self, context: &RequestContext, entries: &AuditEntriesRequest) -> Result<(), ApiError> {
        let unavailable =
            || ApiError::unavailable(format!("Nothing is noted: {} is unavailable", self.0.name()));
        let request = PeerRequest::post("/audit-entries").json(entries).repeatable();
        let answer = self.0.send(context, request).await.map_err(|error| unavailable().because(error))?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            status @ (StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE) => {
                Err(ApiError::internal(format!("{} answered {status} to entries", self.0.name())))
            }
            // One of a release before does not know of them yet.
            status => Err(unavailable().because(format!("{} answered {status}", self.0.name()))),
        }
    }
}
