//! All of W2Meet in one process: the four services behind one router, people and jobs in SQLite files, cache and queue
//! in memory. The services ask each other by the same requests as over HTTP.

mod backup;
mod gateway;

use std::{
    io::{Write, stdout},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use job_queue::{Queue, QueueMetrics};
use peer_client::{Limits, Peer, PeerMetrics};
use service_kit::{App, Listeners, ServeArgs, ServiceContext, loopback_listen_address, serve_all};
use user_service::Stores;
use worker_service::{Inbox, MAIL_FOLDER, MailArgs, MailTransport, Parts, Role, WorkArgs, db::Jobs};

pub use gateway::gateway;

pub const NAME: &str = "w2meet";

/// The queue's name in replies, the same as in the distributed form.
const QUEUE_NAME: &str = "meeting_jobs";

#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "All of W2Meet in one process, with embedded stores")]
#[command(mut_arg("listen", |arg| arg.default_value("127.0.0.1:8080").value_parser(loopback_listen_address)))]
#[command(mut_arg("public_listen", |arg| arg.hide(true)))]
#[command(mut_arg("ops_listen", |arg| arg.default_value("127.0.0.1:9090").value_parser(loopback_listen_address)))]
pub struct Args {
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Folder of the SQLite files.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "FOLDER", global = true)]
    pub data_dir: PathBuf,

    /// How long a person stays in the cache.
    #[arg(long, env = "TTL_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400), value_name = "SECONDS")]
    pub ttl_seconds: u64,

    /// What user-service is told.
    #[command(flatten)]
    pub users: user_service::ServiceArgs,

    /// In whose name mails are written.
    #[command(flatten)]
    pub mail: MailArgs,

    /// How jobs are done.
    #[command(flatten)]
    pub work: WorkArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Write all people and jobs to one file, also while the platform runs.
    Backup {
        /// The file, which is overwritten.
        file: PathBuf,
    },
    /// Put the people and jobs of a backup in the place of those in the data folder; the platform must not run.
    Restore {
        /// The file that `w2meet backup` has written.
        file: PathBuf,
    },
}

/// Runs all services until the process is told to stop, or the command in their stead until it is done.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let done = match &args.command {
        None => return serve(args, service).await,
        Some(Command::Backup { file }) => {
            let stopped = service.stopping.run_until_cancelled(backup::back_up(&args.data_dir, file)).await;
            stopped.context("stopped before the backup was written")??;
            format!("the people and jobs of {} are in {}", args.data_dir.display(), file.display())
        }
        Some(Command::Restore { file }) => {
            backup::restore(&args.data_dir, file).await?;
            format!("the people and jobs of {} are in {}", file.display(), args.data_dir.display())
        }
    };
    Ok(writeln!(stdout(), "{done}")?)
}

async fn serve(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    let listeners = Listeners::bind(&args.serve)?;
    let users = users(&args, &service).await.context("user-service")?;
    let availability = {
        let service = service.beside(availability_service::NAME)?;
        let peer = peer(&users, PeerMetrics::register(&service.registry)?);
        availability_service::SERVICE.build(&service, &args.serve, peer)?
    };
    let suggestion = {
        let service = service.beside(suggestion_service::NAME)?;
        let peer = peer(&availability, PeerMetrics::register(&service.registry)?);
        suggestion_service::SERVICE.build(&service, &args.serve, peer)?
    };
    let worker = worker(&args, &service, &suggestion, &users).await.context("worker-service")?;
    let apps = vec![users, availability, suggestion, worker];
    let router = gateway(apps.iter().map(|app| (app.name, app.public.clone())));
    serve_all(&args.serve, listeners, &service, router.clone(), router, apps).await
}

async fn users(args: &Args, service: &ServiceContext) -> anyhow::Result<App> {
    let stores = Stores::embedded(&args.data_dir, Duration::from_secs(args.ttl_seconds));
    user_service::build(&service.beside(user_service::NAME)?, &args.serve, &args.users, stores).await
}

async fn worker(args: &Args, service: &ServiceContext, suggestion: &App, users: &App) -> anyhow::Result<App> {
    let service = service.beside(worker_service::NAME)?;
    let metrics = PeerMetrics::register(&service.registry)?;
    let parts = Parts {
        jobs: Jobs::open(None, 1, &args.data_dir).await?,
        queue: Queue::memory(QueueMetrics::register(&service.registry)?),
        queue_forgets: true,
        queue_name: QUEUE_NAME.to_owned(),
        suggestions: peer(suggestion, metrics.clone()),
        users: peer(users, metrics),
        egress: args.users.egress.policy(),
        mail: MailTransport::Files(args.data_dir.join(MAIL_FOLDER)),
        inbox: Inbox::None,
        mail_args: args.mail.clone(),
        work: args.work,
    };
    worker_service::build(&service, &args.serve, Role::All, parts)
}

/// A way to ask another service in this process, which answers within its own deadline.
fn peer(app: &App, metrics: PeerMetrics) -> Peer {
    let limits = Limits { attempt: Duration::from_secs(8), ..Limits::default() };
    Peer::local(app.name, app.router.clone(), limits, metrics)
}
