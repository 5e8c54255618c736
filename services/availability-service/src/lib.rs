//! availability-service: what people share. It keeps nothing; it asks user-service for everybody in one call.

mod api;
mod metrics;
#[cfg(feature = "distributed")]
mod process;
mod user_client;

use std::time::Duration;

use peer_client::StatelessService;

#[cfg(feature = "distributed")]
pub use process::{Args, run};

pub const NAME: &str = "availability-service";

pub const SERVICE: StatelessService = StatelessService {
    name: NAME,
    prefix: "/availability",
    peer: "user-service",
    // Its stores have a second to answer.
    health_wait: Duration::from_millis(1_500),
    routes: api::routes,
};
