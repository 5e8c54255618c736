//! The HTTP API: a folder for each resource, and in it a file for each operation.

mod accounts;
mod asked_time;
mod audit;
mod bodies;
mod calendar_reply;
mod calendars;
mod erasures;
mod exports;
mod feeds;
mod job_orders;
mod limits;
mod mails;
mod meeting_replies;
mod page;
mod people;
mod polls;
mod schedules;
mod unsubscribe;

pub(crate) use accounts::{AccountState, routes as account_routes};
pub(crate) use audit::routes as audit_routes;
pub(crate) use erasures::{ErasureState, routes as erasure_routes};
pub(crate) use polls::PollStores;

use calendar_fetch::EgressPolicy;
use service_kit::{ComputePool, Routes, ServeArgs, ServiceContext};

use crate::{db::JobOrders, directory::Directory};

/// All operations of the service, but for those on accounts.
pub(crate) fn routes(
    service: &ServiceContext,
    args: &ServeArgs,
    directory: Directory,
    stores: PollStores,
    orders: JobOrders,
    pool: ComputePool,
    egress: EgressPolicy,
) -> Routes {
    let (quota, retention) = (stores.quota.clone(), stores.retention);
    people::routes(args, directory.clone())
        .and(schedules::routes(args, directory.clone()))
        .and(calendars::routes(args, directory.clone(), pool, egress))
        .and(feeds::routes(directory, stores.clone()))
        .and(page::routes(args, stores.polls.clone()))
        .and(mails::routes(args, stores.clone()))
        .and(meeting_replies::routes(args, stores.clone()))
        .and(unsubscribe::routes(args, stores.mails.clone()))
        .and(polls::routes(service, args, stores))
        .and(job_orders::routes(args, orders))
        .and(limits::routes(quota, retention))
}
