//! The service as a process of its own.

use std::path::PathBuf;

use clap::Parser;
use service_kit::{ServeArgs, ServiceContext};
use wire::BaseUrl;

use crate::{NAME, SERVICE};

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

    /// Authorities (PEM) of which one has signed the certificate of availability-service, for an https URL; the system's otherwise.
    #[arg(long, env = "PEER_CA", value_name = "FILE")]
    pub peer_ca: Option<PathBuf>,

    /// Longest time to wait for one answer of availability-service, which itself waits for user-service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 4_000, value_parser = clap::value_parser!(u64).range(1..=60_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,
}

/// Runs the service until it is told to stop.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let Args { serve, availability_service_base, peer_ca, peer_timeout_ms } = args;
    SERVICE.run(service, &serve, &availability_service_base, peer_ca.as_deref(), peer_timeout_ms).await
}
