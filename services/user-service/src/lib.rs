//! user-service: people and their weekly availability, in PostgreSQL or an SQLite file, read through a cache.
//!
//! `api` takes requests, `directory` keeps cache and database together, `db` has the SQL, `cache` the cache.

mod api;
mod cache;
mod conditions;
mod db;
mod directory;
mod health;
mod key;
mod metrics;
mod people_gauge;
mod record;
mod settings;
#[cfg(test)]
mod test_support;

pub use db::MIGRATIONS;
pub use settings::{Args, Command, StoreArgs};

use std::sync::Arc;

use anyhow::Context;
use service_kit::{App, ServeArgs, ServiceContext};
use sql_store::{Db, Engine};

use db::People;
use directory::{Directory, Tuning, failpoints::Failpoints};
use health::Health;
use metrics::CacheMetrics;
use people_gauge::count_people;

pub const NAME: &str = "user-service";

/// The SQLite file of people in the data folder.
pub const DATABASE_FILE: &str = "users.db";

/// Runs the service, or the command in its stead, until it is done or told to stop.
///
/// # Errors
/// When it cannot start, or when the database cannot be migrated.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    if let Some(Command::Migrate) = args.command {
        let db = Db::open(args.stores.database()).await?;
        return Ok(db.migrate_when_available(&MIGRATIONS, &service.stopping).await?);
    }
    let app = build(&service, &args.serve, &args.stores).await?;
    service_kit::serve(&args.serve, service, app).await
}

/// The service on these stores. A file is brought up to date at once; a server is when it can be reached, and until
/// then the service is not ready. What it does in the background it does in the service's tasks.
///
/// # Errors
/// When a setting can never work, or a file cannot be brought up to date.
pub async fn build(service: &ServiceContext, args: &ServeArgs, stores: &StoreArgs) -> anyhow::Result<App> {
    let db = Db::open(stores.database()).await?;
    service.registry.register(Box::new(db.collector()))?;
    let cache = stores.cache(&service.registry).context("Redis cannot be used with these settings")?;
    let metrics = CacheMetrics::register(&service.registry)?;
    count_people(service, People::new(db.clone()))?;
    let people = People::new(db.clone());
    let tuning = Tuning::for_connections(stores.connections());
    let failpoints = Failpoints::default();
    let directory = Directory::new(people, cache, tuning, metrics, service.tasks.clone(), failpoints);
    match db.engine() {
        Engine::Sqlite => {
            db.migrate(&MIGRATIONS).await.context("the people's file cannot be used")?;
            service.spawn(directory.clone().keep_together(service.stopping.clone()));
        }
        Engine::Postgres => prepare_in_background(service, db, directory.clone()),
    }
    let health = Health { directory: directory.clone() };
    Ok(App::new(service, args, "/users", api::routes(args, directory), Arc::new(health)))
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
