//! The HTTP API: a module for each resource, in it a file for each operation.

mod availabilities;

use utoipa_axum::router::OpenApiRouter;

use crate::{metrics::GroupMetrics, user_client::UserClient};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) users: UserClient,
    pub(crate) metrics: GroupMetrics,
}

pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    availabilities::routes().with_state(state)
}
