//! The audit trail: who did what. The middleware notes each request of somebody who is signed in when it is answered, and
//! what was noted is written together, a moment later, to where it is kept: user-service's database.

mod notes;
mod sink;
mod trail;

pub use sink::AuditSink;
pub use trail::AuditTrail;

pub(crate) use notes::{AuditNotes, AuditedRequest};
pub(crate) use sink::audit_route;

#[cfg(test)]
mod tests;
