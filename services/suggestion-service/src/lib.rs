//! suggestion-service: which of the shared hours to take. It keeps nothing; it asks availability-service.

mod api;
mod availability_client;
mod metrics;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use peer_client::{Limits, Peer, PeerMetrics, PeerProbe};
use service_kit::{App, ServeArgs, ServiceContext};
use wire::BaseUrl;

use api::AppState;
use availability_client::AvailabilityClient;
use metrics::SuggestionMetrics;

pub const NAME: &str = "suggestion-service";

/// Longest wait for the health of availability-service, which itself waits for user-service.
const HEALTH_WAIT: Duration = Duration::from_millis(2_000);

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
///
/// # Errors
/// When it cannot start.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let limits = Limits::within(args.peer_timeout_ms);
    let metrics = PeerMetrics::register(&service.registry)?;
    let availability = Peer::http("availability-service", &args.availability_service_base, limits, metrics)?;
    let app = build(&service, &args.serve, availability)?;
    service_kit::serve(&args.serve, service, app).await
}

/// The service on top of a way to ask availability-service.
///
/// # Errors
/// When its metrics are registered already.
pub fn build(service: &ServiceContext, args: &ServeArgs, availability: Peer) -> anyhow::Result<App> {
    let metrics = SuggestionMetrics::register(&service.registry)?;
    let state = AppState { availability: AvailabilityClient::new(availability.clone()), metrics };
    let health = PeerProbe::new(availability, HEALTH_WAIT);
    Ok(App::new(service, args, "/suggestion", api::routes(state), Arc::new(health)))
}
