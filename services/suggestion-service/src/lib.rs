//! suggestion-service: which of the shared hours to take. It keeps nothing; it asks availability-service.

mod api;
mod availability_client;
mod metrics;
#[cfg(feature = "distributed")]
mod process;

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
