//! availability-service: what people share. It keeps nothing; it asks user-service for everybody in one call.

mod api;
mod metrics;
mod people;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use clap::Parser;
use peer_client::{Limits, Peer, PeerMetrics};
use service_kit::{App, Dependency, Probe, RequestContext, ServeArgs, ServiceContext};
use url::Url;

use api::AppState;
use metrics::GroupMetrics;
use people::People;

/// The service's name.
pub const NAME: &str = "availability-service";

/// Its settings.
#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Computes the hours that people share")]
pub struct Args {
    /// What every service has.
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Base URL of user-service.
    #[arg(long, env = "USER_SERVICE_BASE", default_value = "http://user-service:8000", value_name = "URL")]
    pub user_service_base: Url,

    /// Longest time to wait for one answer of user-service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=60_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let limits = Limits { attempt: Duration::from_millis(args.peer_timeout_ms), ..Limits::default() };
    let users = Peer::http(
        "user-service",
        &args.user_service_base,
        limits,
        PeerMetrics::register(&service.registry)?,
    )?;
    let app = build(&service, &args.serve, users)?;
    service_kit::serve(&args.serve, service, app).await
}

/// The service on top of a way to ask user-service.
///
/// # Errors
/// When its metrics are registered already.
pub fn build(service: &ServiceContext, args: &ServeArgs, users: Peer) -> anyhow::Result<App> {
    let state =
        AppState { people: People::new(users.clone()), metrics: GroupMetrics::register(&service.registry)? };
    Ok(App::new(service, args, "/availability", api::routes(state), Arc::new(Health { users })))
}

struct Health {
    users: Peer,
}

#[async_trait]
impl Probe for Health {
    async fn dependencies(&self, context: &RequestContext) -> Vec<Dependency> {
        let answer = self.users.check_health(context.onward()).await;
        vec![Dependency { name: self.users.name(), essential: true, answer }]
    }

    /// Always: without user-service it still answers, in shape, that user-service is away.
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}
