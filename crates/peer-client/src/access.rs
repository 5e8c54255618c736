use std::sync::Arc;

use service_kit::{AccessControl, Allowances, AuditTrail, Callers, ServiceContext};

use crate::{Peer, allowances::PeerAllowances, audit::PeerAudit, callers::PeerCallers};

/// What a service knows its callers by that has another one do it: user-service, or one that itself has it do that.
///
/// # Errors
/// When the service's registry has such metrics already.
pub fn access_control(service: &ServiceContext, peer: &Peer) -> Result<AccessControl, prometheus::Error> {
    Ok(AccessControl {
        callers: Callers::new(PeerCallers(peer.clone())),
        allowances: Allowances::new(Arc::new(PeerAllowances(peer.clone())), &service.registry)?,
        audit: AuditTrail::new(service, Arc::new(PeerAudit(peer.clone())))?,
    })
}
