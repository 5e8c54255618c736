//! Where all services keep their entries of the audit trail: this service's own table.

use async_trait::async_trait;
use service_kit::{ApiError, AuditSink, RequestContext};
use wire::AuditEntries;

use crate::db::{Audit, PollError};

/// Keeps entries in the table.
pub(crate) struct AuditStore(pub(crate) Audit);

#[async_trait]
impl AuditSink for AuditStore {
    async fn store(&self, _: &RequestContext, entries: &AuditEntries) -> Result<(), ApiError> {
        Ok(self.0.add(&entries.entries).await.map_err(PollError::Sql)?)
    }
}
