//! The HTTP API: a module for each resource, in it a file for each operation.

mod find_times;
mod limits;
mod polls;
mod suggestions;

use peer_client::{Peer, VersionedCacheMetrics};
use service_kit::{ApiError, ComputePool, RouteSettings, Routes, ServeArgs, ServiceContext};

use crate::{
    availability_client::AvailabilityClient, levels_client::LevelsClient, metrics::SuggestionMetrics,
    ranking::NoAnswer, reply_cache::ReplyCache,
};

/// Largest body in bytes: a thousand people, each with some rules of their own.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) availability: AvailabilityClient,
    pub(crate) levels: LevelsClient,
    pub(crate) replies: ReplyCache,
    pub(crate) compute: ComputePool,
    pub(crate) metrics: SuggestionMetrics,
}

pub(crate) fn routes(
    service: &ServiceContext,
    args: &ServeArgs,
    availability: Peer,
) -> anyhow::Result<Routes> {
    let compute = ComputePool::new(service, &args.limits)?;
    let caches = VersionedCacheMetrics::register(&service.registry)?;
    let state = AppState {
        availability: AvailabilityClient { peer: availability.clone() },
        levels: LevelsClient::new(availability, compute.clone(), &caches),
        replies: ReplyCache::new(caches.of("reply")),
        compute,
        metrics: SuggestionMetrics::register(&service.registry)?,
    };
    let large = RouteSettings { body_limit: BODY_LIMIT, ..RouteSettings::new(args) };
    let windows = polls::routes().merge(find_times::routes());
    let internal = polls::internal_routes().with_state(state.clone());
    Ok(Routes::from(suggestions::routes().with_state(state.clone()))
        .with(large, windows.with_state(state))
        .internal(RouteSettings::new(args), internal)
        .and(limits::routes()))
}

impl From<NoAnswer> for ApiError {
    fn from(no_answer: NoAnswer) -> ApiError {
        match no_answer {
            NoAnswer::Invalid(faults) => ApiError::bad_request(faults),
            NoAnswer::Broken(error) => ApiError::internal(error),
        }
    }
}
