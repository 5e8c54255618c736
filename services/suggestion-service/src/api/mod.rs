//! The HTTP API: a module for each resource, in it a file for each operation.

mod suggestions;

use peer_client::Peer;
use service_kit::{ServeArgs, ServiceContext};
use utoipa_axum::router::OpenApiRouter;

use crate::{availability_client::AvailabilityClient, metrics::SuggestionMetrics};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) availability: AvailabilityClient,
    pub(crate) metrics: SuggestionMetrics,
}

pub(crate) fn routes(
    service: &ServiceContext,
    _args: &ServeArgs,
    availability: Peer,
) -> anyhow::Result<OpenApiRouter> {
    let metrics = SuggestionMetrics::register(&service.registry)?;
    let availability = AvailabilityClient { peer: availability };
    Ok(suggestions::routes().with_state(AppState { availability, metrics }))
}
