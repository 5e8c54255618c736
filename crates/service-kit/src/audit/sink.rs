use std::sync::Arc;

use async_trait::async_trait;
use axum::{Router, extract::State, http::StatusCode, routing::post};
use wire::{AuditEntriesRequest, RequestBody};

use crate::{ApiError, Body, RequestContext};

/// Where entries are kept: user-service's database, to which the other services send theirs.
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// Keeps them. Those that are there already are passed over.
    ///
    /// # Errors
    /// 503 when they cannot be kept for now; any other when that will never be.
    async fn store(&self, context: &RequestContext, entries: &AuditEntriesRequest) -> Result<(), ApiError>;
}

/// Where other services send theirs.
pub(crate) fn audit_route(sink: Arc<dyn AuditSink>) -> Router {
    Router::new().route("/audit-entries", post(store)).with_state(sink)
}

async fn store(
    State(sink): State<Arc<dyn AuditSink>>,
    context: RequestContext,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let entries = AuditEntriesRequest::parse(&body).map_err(ApiError::bad_request)?;
    sink.store(&context, &entries).await?;
    Ok(StatusCode::NO_CONTENT)
}
