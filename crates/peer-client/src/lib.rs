//! How one service asks another.
//!
//! A [`Peer`] is asked over pooled HTTP connections, or within the same process, by the same requests. Each call has a
//! deadline; transport errors and 503 are retried within a budget; a peer that cannot be reached is left alone for a
//! while by a circuit breaker.

mod metrics;
mod peer;
mod transport;

pub use metrics::PeerMetrics;
pub use peer::{Answer, Limits, Peer, PeerError};
pub use transport::TransportError;
