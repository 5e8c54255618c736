use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, ValueEnum};
use service_kit::{Secret, ServeArgs};
use wire::BaseUrl;

use crate::{NAME, outcome::RetryPolicy};

/// Which half of the service a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Takes orders.
    Api,
    /// Does jobs.
    Consumer,
    /// Both.
    All,
}

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

    /// PostgreSQL's connection string, or file:/path to it; without it jobs are kept in an SQLite file.
    #[arg(long, env = "PG_DSN", hide_env_values = true, value_name = "DSN")]
    pub pg_dsn: Option<Secret>,

    /// Most connections to PostgreSQL.
    #[arg(long, env = "PG_MAX_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_000), value_name = "NUMBER")]
    pub pg_max_connections: u32,

    /// Folder of the SQLite file worker.db.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// RabbitMQ's address, or file:/path to it; without it the queue is within this process.
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

    /// Longest time to wait for one answer of suggestion-service.
    #[arg(long, env = "PEER_TIMEOUT_MS", default_value_t = 8_000, value_parser = clap::value_parser!(u64).range(1..=600_000), value_name = "MILLISECONDS")]
    pub peer_timeout_ms: u64,

    /// How jobs are done.
    #[command(flatten)]
    pub work: WorkArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How jobs are done.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct WorkArgs {
    /// Jobs that are done at a time.
    #[arg(long, env = "CONCURRENCY", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=10_000), value_name = "NUMBER")]
    pub concurrency: u16,

    /// Messages that are fetched from the queue at a time; at least the concurrency.
    #[arg(long, env = "PREFETCH", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000), value_name = "NUMBER")]
    pub prefetch: u16,

    /// Attempts at a job before it is given up; ten of them outlast an outage of some minutes.
    #[arg(long, env = "MAX_ATTEMPTS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000), value_name = "NUMBER")]
    pub max_attempts: u32,

    /// Pause after the first attempt; it doubles after each further one, up to five minutes.
    #[arg(long, env = "RETRY_BASE_MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=300_000), value_name = "MILLISECONDS")]
    pub retry_base_ms: u64,

    /// Dead letters that are kept; of more the oldest are deleted, each with a line in the log.
    #[arg(long, env = "MAX_DEAD_LETTERS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000), value_name = "NUMBER")]
    pub max_dead_letters: u32,

    /// Days from its order for which a job that has come to its end can be looked up; then it is deleted.
    #[arg(long, env = "KEEP_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3_650), value_name = "DAYS")]
    pub keep_days: u16,
}

impl WorkArgs {
    pub fn retry(&self) -> RetryPolicy {
        RetryPolicy { max_attempts: self.max_attempts, base: Duration::from_millis(self.retry_base_ms) }
    }

    pub fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days) * 86_400)
    }
}
