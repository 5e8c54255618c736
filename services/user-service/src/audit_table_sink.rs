//! Where all services keep their entries of the audit trail: this service's own table.

use async_trait::async_trait;
use service_kit::{ApiError, AuditSink, RequestContext};
use wire::AuditEntriesRequest;

use crate::db::{AuditEntries, PollError};

/// Keeps entries in the table.
pub(crate) struct AuditTableSink(pub(crate) AuditEntries);

#[async_trait]
impl AuditSink for AuditTableSink {
    async fn store(&self, _: &RequestContext, entries: &AuditEntriesRequest) -> Result<(), ApiError> {
        Ok(self.0.add(&entries.entries).await.map_err(PollError::Sql)?)
    }
}
