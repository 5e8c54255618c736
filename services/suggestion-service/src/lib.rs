//! suggestion-service: which of the shared hours to take. It keeps nothing; it asks availability-service.

mod api;
mod availability_client;
mod metrics;

use std::time::Duration;

use clap::Parser;
use peer_client::StatelessService;
use service_kit::{ServeArgs, ServiceContext};
use wire::BaseUrl;

pub const NAME: &str = "suggestion-service";

pub const SERVICE: StatelessService = StatelessService {
    name: NAME,
    prefix: "/suggestion",
    peer: "availability-service",
    // It waits for the health of user-service.
    health_wait: Duration::from_millis(2_000),
    routes: api::routes,
};

#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Proposes the hours at which people should meet")]
pub struct Args {
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Base URL of availability-service.
    #[arg(
        long,
        env = "AVAILABILITY_SERVICE_BASE",
        default_value = "http://availability-service:8000",
        value_name = "URL"
    )]
    pub availability_service_base: BaseUrl,

    /// Longest time to wait for one answer of availability-service, which itself waits for user-service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 4_000, value_parser = clap::value_parser!(u64).range(1..=60_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,
}

/// Runs the service until it is told to stop.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    SERVICE.run(service, &args.serve, &args.availability_service_base, args.peer_timeout_ms).await
}
