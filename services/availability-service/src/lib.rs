//! availability-service: what people share. It keeps nothing; it asks user-service for everybody in one call.

mod api;
mod metrics;
mod user_client;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use peer_client::{Limits, Peer, PeerMetrics, PeerProbe};
use service_kit::{App, ComputePool, ServeArgs, ServiceContext};
use wire::BaseUrl;

use api::AppState;
use metrics::GroupMetrics;
use user_client::UserClient;

pub const NAME: &str = "availability-service";

/// Longest wait for the health of user-service, whose stores have a second to answer.
const HEALTH_WAIT: Duration = Duration::from_millis(1_500);

#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Computes the hours that people share")]
pub struct Args {
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Base URL of user-service.
    #[arg(long, env = "USER_SERVICE_BASE", default_value = "http://user-service:8000", value_name = "URL")]
    pub user_service_base: BaseUrl,

    /// Longest time to wait for one answer of user-service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=60_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let limits = Limits::within(args.peer_timeout_ms);
    let metrics = PeerMetrics::register(&service.registry)?;
    let users = Peer::http("user-service", &args.user_service_base, limits, metrics)?;
    let app = build(&service, &args.serve, users)?;
    service_kit::serve(&args.serve, service, app).await
}

/// The service on top of a way to ask user-service.
///
/// # Errors
/// When its metrics are registered already.
pub fn build(service: &ServiceContext, args: &ServeArgs, users: Peer) -> anyhow::Result<App> {
    let metrics = GroupMetrics::register(&service.registry)?;
    let compute = ComputePool::new(service, &args.limits)?;
    let state = AppState { users: UserClient::new(users.clone(), compute), metrics };
    let health = PeerProbe::new(users, HEALTH_WAIT);
    Ok(App::new(service, args, "/availability", api::routes(state), Arc::new(health)))
}
