//! The HTTP API: a module for each resource, in it a file for each operation.

mod availabilities;
mod limits;
mod people;
mod polls;

use peer_client::{Peer, VersionedCacheMetrics};
use service_kit::{ComputePool, Routes, ServeArgs, ServiceContext};

use crate::{
    metrics::GroupMetrics, poll_client::PollClient, reply_cache::ReplyCache, schedule_client::ScheduleClient,
    user_client::UserClient,
};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) users: UserClient,
    pub(crate) polls: PollClient,
    pub(crate) schedules: ScheduleClient,
    pub(crate) replies: ReplyCache,
    pub(crate) compute: ComputePool,
    pub(crate) metrics: GroupMetrics,
}

pub(crate) fn routes(service: &ServiceContext, args: &ServeArgs, users: Peer) -> anyhow::Result<Routes> {
    let compute = ComputePool::new(service, &args.limits)?;
    let caches = VersionedCacheMetrics::register(&service.registry)?;
    let state = AppState {
        users: UserClient { peer: users.clone(), compute: compute.clone() },
        polls: PollClient::new(users.clone(), compute.clone(), caches.of("poll")),
        schedules: ScheduleClient::new(users, compute.clone(), caches.of("people")),
        replies: ReplyCache::new(caches.of("reply")),
        compute,
        metrics: GroupMetrics::register(&service.registry)?,
    };
    Ok(Routes::from(availabilities::routes().with_state(state.clone()))
        .and(polls::routes(args, state.clone()))
        .and(people::routes(args, state))
        .and(limits::routes()))
}
