use std::time::Duration;

use clap::ValueEnum;
use mail::Sender;
use service_kit::Secret;

use crate::outcome::RetryPolicy;

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

/// In whose name mails are sent.
#[derive(clap::Args, Clone, Debug)]
pub struct MailArgs {
    /// The service's own address, from which mails come, with its name.
    #[arg(long, env = "MAIL_FROM", default_value = "W2Meet <w2meet@localhost>", value_name = "ADDRESS")]
    pub mail_from: Sender,

    /// What mails are signed with that come by POST /worker/inbound-mail, or file:/path to it; at least 16 characters. Without
    /// it none come this way.
    #[arg(long, env = "INBOUND_MAIL_SECRET", hide_env_values = true, value_parser = inbound_mail_secret, value_name = "SECRET")]
    pub inbound_mail_secret: Option<Secret>,
}

fn inbound_mail_secret(text: &str) -> Result<Secret, String> {
    const SHORTEST: usize = 16;
    let secret: Secret = text.parse()?;
    if secret.expose().len() < SHORTEST {
        return Err(format!("it is shorter than {SHORTEST} characters"));
    }
    Ok(secret)
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
        RetryPolicy {
            max_attempts: self.max_attempts,
            base: Duration::from_millis(self.retry_base_ms),
            max_pause: RetryPolicy::MAX_PAUSE,
        }
    }

    /// So many of `wanted` that a quarter of the jobs at a time is left to others.
    pub fn with_room_for_others(&self, wanted: u16) -> u16 {
        wanted.min(self.concurrency - (self.concurrency / 4).max(1)).max(1)
    }

    pub fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days) * 86_400)
    }
}
