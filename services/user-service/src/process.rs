//! The service as a process of its own.

use clap::{Parser, Subcommand};
use service_kit::{ServeArgs, ServiceContext};
use sql_store::Db;

use crate::{MIGRATIONS, NAME, ServiceArgs, StoreArgs, build};

/// The settings of the service.
#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Keeps people and the hours on which they are free")]
pub struct Args {
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Where the people are.
    #[command(flatten)]
    pub stores: StoreArgs,

    /// What it is told in every form of the platform.
    #[command(flatten)]
    pub own: ServiceArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Wait for the database, bring its tables up to date, and end.
    Migrate,
}

/// Runs the service, or the command in its stead, until it is done or told to stop.
///
/// # Errors
/// When it cannot start, or when the database cannot be migrated.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    if let Some(Command::Migrate) = args.command {
        let db = Db::open(args.stores.database()).await?;
        return Ok(db.migrate_when_available(&MIGRATIONS, &service.stopping).await?);
    }
    // Before a database is opened, let alone brought up to date.
    args.serve.check_access()?;
    let stores = args.stores.stores(&service.registry)?;
    let app = build(&service, &args.serve, &args.own, stores).await?;
    service_kit::serve(&args.serve, service, app).await
}
