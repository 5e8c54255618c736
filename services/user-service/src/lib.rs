//! user-service: people, their schedules and busy times, and polls, in PostgreSQL or an SQLite file. People are read
//! through a cache, all else by one query.
//!
//! `api` takes requests, `directory` keeps cache and database together, `db` has the SQL, `cache` the cache, `polls` what
//! holds for polls wherever they are stored, `identity` those who say who somebody is.

mod account_callers;
mod api;
mod audit_table_sink;
mod cache;
mod calendar_refreshes;
mod calendars;
mod conditions;
mod db;
mod directory;
mod health;
mod hourly;
mod identity;
mod key;
mod live;
mod mail_gauges;
mod mails;
mod metrics;
mod polls;
#[cfg(feature = "distributed")]
mod process;
mod record;
#[cfg(feature = "distributed")]
mod redis_servers;
#[cfg(feature = "distributed")]
mod redis_settings;
mod schedules;
mod service_args;
#[cfg(feature = "distributed")]
mod settings;
mod stored_gauges;
mod stores;
#[cfg(test)]
mod test_support;

pub use calendars::{BusyTimes, NotACalendar, ReadReply, busy_times, read_reply};
pub use db::MIGRATIONS;
pub use identity::ProviderList;
#[cfg(feature = "distributed")]
pub use process::{Args, Command, run};
#[cfg(feature = "distributed")]
pub use redis_settings::RedisArgs;
pub use service_args::ServiceArgs;
#[cfg(feature = "distributed")]
pub use settings::StoreArgs;
pub use stores::Stores;

use std::sync::Arc;

use anyhow::Context;
use service_kit::{
    AccessControl, Allowances, App, AuditTrail, Callers, ClientQuota, ComputePool, ServeArgs, ServiceContext,
};
use sql_store::{Db, Engine};

use account_callers::AccountCallers;
use api::{AccountState, ErasureState, PollStores, account_routes, audit_routes, erasure_routes};
use audit_table_sink::AuditTableSink;
use calendar_refreshes::order_lost_refreshes;
use db::{Accounts, AuditEntries, Erasures, JobOrders, Mails, People, Polls};
use directory::{Directory, Tuning, failpoints::Failpoints};
use health::Health;
use hourly::HourlyUpkeep;
use identity::Providers;
use live::Live;
use mail_gauges::count_mails;
use metrics::CacheMetrics;
use polls::PollRetention;
use stored_gauges::count_stored;

pub const NAME: &str = "user-service";

/// The SQLite file of people in the data folder.
pub const DATABASE_FILE: &str = "users.db";

/// The service on these stores. A file is brought up to date at once; a server is when it can be reached, and until
/// then the service is not ready. What it does in the background it does in the service's tasks.
///
/// # Errors
/// When a setting can never work, or a file cannot be brought up to date.
pub async fn build(
    service: &ServiceContext,
    args: &ServeArgs,
    own: &ServiceArgs,
    stores: Stores,
) -> anyhow::Result<App> {
    let retention = PollRetention::days(own.poll_retention_days);
    let Stores { database, cache, hints } = stores;
    let allowances = Allowances::new(cache.counts(), &service.registry)?;
    let quota = ClientQuota::per_hour(allowances.clone(), "polls", own.polls_per_hour);
    let tuning = Tuning::for_connections(database.connections());
    let db = Db::open(database).await?;
    service.registry.register(Box::new(db.collector()))?;
    let metrics = CacheMetrics::register(&service.registry)?;
    count_stored(service, People::new(db.clone()), Polls::new(db.clone()))?;
    let people = People::new(db.clone());
    let failpoints = Failpoints::default();
    let directory = Directory::new(people, cache, tuning, metrics, service.tasks.clone(), failpoints);
    match db.engine() {
        Engine::Sqlite => {
            db.migrate(&MIGRATIONS).await.context("the people's file cannot be used")?;
            service.spawn(directory.clone().keep_together(service.stopping.clone()));
        }
        Engine::Postgres => prepare_in_background(service, db.clone(), directory.clone()),
    }
    let health = Health { directory: directory.clone() };
    let polls = Polls::new(db.clone());
    let live = Live::new(service, polls.clone(), hints)?;
    let orders = JobOrders::new(db.clone());
    let mails = Mails::new(db.clone());
    let audit = AuditEntries::new(db.clone());
    let trail = AuditTrail::new(service, Arc::new(AuditTableSink(audit.clone())))?;
    let (accounts, erasures) = (Accounts::new(db.clone()), Erasures::new(db.clone()));
    count_mails(service, mails.clone())?;
    let stores = PollStores {
        polls,
        mails,
        people: People::new(db),
        live,
        quota,
        retention,
        public_url: own.public_url.clone(),
    };
    order_lost_refreshes(service, stores.people.clone());
    let hourly = HourlyUpkeep {
        polls: stores.polls.clone(),
        accounts: accounts.clone(),
        erasures: erasures.clone(),
        audit: audit.clone(),
        audit_days: own.audit_retention_days,
    };
    hourly.run(service);
    let pool = ComputePool::new(service, &args.limits)?;
    let callers = Callers::new(AccountCallers::new(accounts.clone(), own)?);
    let providers = own.oidc.as_ref().map(|list| Providers::new(list, &own.public_url)).transpose()?;
    let providers = providers.unwrap_or_default();
    let sign_ins = allowances.clone();
    let accounts = AccountState::new(accounts, callers.clone(), sign_ins, own.public_url.clone(), providers);
    let erasures = ErasureState {
        directory: directory.clone(),
        live: stores.live.clone(),
        callers: callers.clone(),
        erasures,
    };
    let routes = api::routes(service, args, directory, stores, orders, pool, own.egress.policy());
    let routes = routes
        .and(account_routes(args, accounts))
        .and(erasure_routes(args, erasures))
        .and(audit_routes(audit));
    let access = AccessControl { callers, allowances, audit: trail };
    Ok(App::new(service, args, "/users", routes, Arc::new(health), access))
}

fn prepare_in_background(service: &ServiceContext, db: Db, directory: Directory) {
    let owner = service.clone();
    service.spawn(async move {
        match db.migrate_when_available(&MIGRATIONS, &owner.stopping).await {
            Ok(()) => directory.keep_together(owner.stopping.clone()).await,
            Err(error) => owner.fail(&error),
        }
    });
}
