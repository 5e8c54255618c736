//! The HTTP API: a module for each resource, in it a file for each operation.

mod availabilities;

use peer_client::Peer;
use service_kit::{ComputePool, ServeArgs, ServiceContext};
use utoipa_axum::router::OpenApiRouter;

use crate::{metrics::GroupMetrics, user_client::UserClient};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) users: UserClient,
    pub(crate) metrics: GroupMetrics,
}

pub(crate) fn routes(
    service: &ServiceContext,
    args: &ServeArgs,
    users: Peer,
) -> anyhow::Result<OpenApiRouter> {
    let metrics = GroupMetrics::register(&service.registry)?;
    let users = UserClient { peer: users, compute: ComputePool::new(service, &args.limits)? };
    Ok(availabilities::routes().with_state(AppState { users, metrics }))
}
