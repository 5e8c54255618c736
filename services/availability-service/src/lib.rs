//! availability-service: what people share. It stores nothing; it asks user-service for everybody in one call. What it got
//! about polls and schedules it keeps in memory by version, and has user-service say each time whether that has changed.

mod api;
mod compute;
mod metrics;
mod poll_client;
#[cfg(feature = "distributed")]
mod process;
mod reply_cache;
mod schedule_client;
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
