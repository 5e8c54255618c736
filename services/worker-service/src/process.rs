//! The service as a process of its own.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use calendar_fetch::EgressArgs;
use clap::{Parser, Subcommand};
use job_queue::{Queue, QueueMetrics, RabbitOptions};
use peer_client::{Limits, Peer, PeerMetrics};
use service_kit::{Secret, ServeArgs, ServiceContext};
use wire::BaseUrl;

use crate::{
    ImapMailbox, Inbox, MAIL_FOLDER, MailArgs, MailTransport, NAME, Parts, Role, SmtpLimits, SmtpServer,
    WorkArgs, build,
    db::{Jobs, MIGRATIONS},
};

/// What to do instead of serving.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Bring the tables up to date and end.
    Migrate,
}

/// The settings of the service.
#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Takes jobs, keeps them, and does them once")]
pub struct Args {
    #[command(flatten)]
    pub serve: ServeArgs,

    /// Which half of the service this process is.
    #[arg(long, env = "ROLE", value_enum, default_value = "all")]
    pub role: Role,

    /// PostgreSQL's connection string, or file:/path to it; without it jobs are kept in an SQLite file. It may have several
    /// hosts, separated by commas, of which the first that takes writes is used. Behind a pooler in transaction mode it has the
    /// parameter pooler=transaction.
    #[arg(long, env = "PG_DSN", hide_env_values = true, value_name = "DSN")]
    pub pg_dsn: Option<Secret>,

    /// Most connections to PostgreSQL.
    #[arg(long, env = "PG_MAX_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_000), value_name = "NUMBER")]
    pub pg_max_connections: u32,

    /// Folder of the SQLite file worker.db.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// RabbitMQ's address, or file:/path to it; without it the queue is within this process. Of a cluster the addresses of several
    /// nodes, separated by commas: the first that answers is used.
    #[arg(long, env = "RABBITMQ_URL", hide_env_values = true, value_name = "URL")]
    pub rabbitmq_url: Option<Secret>,

    /// Certificates (PEM) of the authority that has signed RabbitMQ's, for an amqps address; the system's otherwise.
    #[arg(long, env = "RABBITMQ_CA_FILE", value_name = "FILE")]
    pub rabbitmq_ca_file: Option<PathBuf>,

    /// The work queue; dead letters go to the queue of this name with .dead at its end. Two installations on one broker need
    /// two names.
    #[arg(long, env = "QUEUE_NAME", default_value = "meeting_jobs", value_name = "NAME")]
    pub queue_name: String,

    /// Base URL of suggestion-service.
    #[arg(
        long,
        env = "SUGGESTION_BASE",
        default_value = "http://suggestion-service:8000",
        value_name = "URL"
    )]
    pub suggestion_base: BaseUrl,

    /// Base URL of user-service.
    #[arg(long, env = "USER_SERVICE_BASE", default_value = "http://user-service:8000", value_name = "URL")]
    pub user_service_base: BaseUrl,

    /// Authorities (PEM) of which one has signed the certificates of the other services, for https URLs; the system's otherwise.
    #[arg(long, env = "PEER_CA", value_name = "FILE")]
    pub peer_ca: Option<PathBuf>,

    /// Longest time to wait for one answer of another service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 8_000, value_parser = clap::value_parser!(u64).range(1..=600_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,

    /// From where calendars may be fetched.
    #[command(flatten)]
    pub egress: EgressArgs,
    /// The mail server, or file:/path to it: smtps://user:password@host, smtp://host; without it mails are written to files in
    /// the folder mail of the data folder. STARTTLS is used where the server offers it, and has to be there for a password; ?tls=required
    /// and ?tls=none say otherwise.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<Secret>,

    /// Most connections to the mail server; never more than three quarters of the jobs at a time.
    #[arg(long, env = "SMTP_CONNECTIONS", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000), value_name = "NUMBER")]
    pub smtp_connections: u16,

    /// The mailbox that answers of calendars come to, or file:/path to it: imaps://user:password@host, imap://user:password@host
    /// for STARTTLS, with /folder behind it for another folder than INBOX. Its mails are marked as read.
    #[arg(long, env = "IMAP_URL", hide_env_values = true, value_name = "URL")]
    pub imap_url: Option<Secret>,

    /// In whose name mails are sent.
    #[command(flatten)]
    pub mail: MailArgs,

    /// How jobs are done.
    #[command(flatten)]
    pub work: WorkArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Runs the service, or one command of it, until it is told to stop.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    if args.command.is_none() {
        // Before a database is opened, let alone brought up to date.
        args.serve.check_access()?;
    }
    let jobs = Jobs::open(args.pg_dsn.as_ref(), args.pg_max_connections, &args.data_dir).await?;
    if let Some(Command::Migrate) = args.command {
        return Ok(jobs.db().migrate_when_available(&MIGRATIONS, &service.stopping).await?);
    }
    let limits = Limits::within(args.peer_timeout_ms);
    let metrics = PeerMetrics::register(&service.registry)?;
    let peer = |name, base, metrics| {
        let peer = Peer::http(name, base, args.peer_ca.as_deref(), limits, metrics)?;
        anyhow::Ok(peer.with_secret(args.serve.service_secret.as_ref()))
    };
    let suggestions = peer("suggestion-service", &args.suggestion_base, metrics.clone())?;
    let users = peer("user-service", &args.user_service_base, metrics)?;
    let queue = queue(&args, &service)?;
    let mail = match &args.smtp_url {
        Some(url) => {
            let connections = args.work.with_room_for_others(args.smtp_connections);
            let limits = SmtpLimits { connections, ..SmtpLimits::default() };
            MailTransport::Smtp(SmtpServer::new(url, limits).context("SMTP_URL")?)
        }
        None => MailTransport::Files(args.data_dir.join(MAIL_FOLDER)),
    };
    let inbox = match &args.imap_url {
        Some(url) => Inbox::Imap(Box::new(ImapMailbox::new(url).context("IMAP_URL")?)),
        None => Inbox::None,
    };
    let parts = Parts {
        queue: queue.clone(),
        queue_forgets: args.rabbitmq_url.is_none(),
        queue_name: args.queue_name,
        jobs,
        suggestions,
        users,
        egress: args.egress.policy(),
        mail,
        inbox,
        mail_args: args.mail,
        work: args.work,
    };
    let app = build(&service, &args.serve, args.role, parts)?;
    service_kit::serve(&args.serve, service, app).await?;
    queue.close().await;
    Ok(())
}

fn queue(args: &Args, service: &ServiceContext) -> anyhow::Result<Queue> {
    let metrics = QueueMetrics::register(&service.registry)?;
    match &args.rabbitmq_url {
        Some(url) => {
            let mut options =
                RabbitOptions::new(url.expose(), &args.queue_name).context("RABBITMQ_URL or QUEUE_NAME")?;
            if let Some(file) = &args.rabbitmq_ca_file {
                let named = || format!("RABBITMQ_CA_FILE {}", file.display());
                options = options.with_ca(&std::fs::read(file).with_context(named)?).with_context(named)?;
            }
            Ok(Queue::rabbit(options, metrics))
        }
        None => {
            ensure!(
                args.role == Role::All,
                "without RABBITMQ_URL the queue is within one process: use --role all"
            );
            Ok(Queue::memory(metrics))
        }
    }
}
