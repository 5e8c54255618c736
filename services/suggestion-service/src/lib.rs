//! suggestion-service: when to meet. It stores nothing; it asks availability-service. What it got and what it answered it
//! keeps in memory by version, and has availability-service say each time whether that has changed.

mod api;
mod availability_client;
mod group;
mod levels_client;
mod metrics;
#[cfg(feature = "distributed")]
mod process;
mod ranking;
mod reply_cache;

use std::time::Duration;

use peer_client::StatelessService;

#[cfg(feature = "distributed")]
pub use process::{Args, run};

pub const NAME: &str = "suggestion-service";

pub const SERVICE: StatelessService = StatelessService {
    name: NAME,
    prefix: "/suggestion",
    peer: "availability-service",
    // It waits for the health of user-service.
    health_wait: Duration::from_millis(2_000),
    routes: api::routes,
};
