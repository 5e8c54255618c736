//! How one service asks another.
//!
//! A [`Peer`] is sent a [`PeerRequest`] over pooled HTTP connections (by the feature `http`), or within the same process.
//! Each attempt has a deadline; transport errors and 503 are retried within a budget, where the request may be repeated,
//! but not the refusals of a peer that has too much to do; a peer that cannot be reached is left alone for a while by a
//! circuit breaker. What is wrong with a request before it leaves is the caller's own error, and counts for neither. What many
//! ask at the same time can be [asked once](Coalesced).

mod access;
mod allowances;
mod answer;
mod audit;
mod breaker;
mod callers;
mod coalesced;
mod health;
#[cfg(feature = "http")]
mod http_transport;
mod metrics;
mod peer;
mod reply;
mod request;
mod service;
mod transport;

pub use access::access_control;
pub use answer::{Answer, PeerError};
pub use coalesced::Coalesced;
pub use health::PeerProbe;
pub use metrics::{CacheLookups, PeerMetrics, VersionedCacheMetrics};
pub use peer::{Limits, Peer};
pub use request::{PeerRequest, RequestError};
pub use service::StatelessService;
pub use transport::TransportError;
