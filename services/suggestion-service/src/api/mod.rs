//! The HTTP API: a module for each resource, in it a file for each operation.

mod suggestions;

use utoipa_axum::router::OpenApiRouter;

use crate::{availability_client::AvailabilityClient, metrics::SuggestionMetrics};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) availability: AvailabilityClient,
    pub(crate) metrics: SuggestionMetrics,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    suggestions::routes().with_state(state)
}
