use std::{fmt::Write, fs, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Args;
use scaling::{Policy, ScaleDown};
use simulator::{Row, Setup, draw, read_trace, replay};

/// The settings of `replay`: the trace, the workers, and a policy in the spelling of the resource.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReplayArgs {
    /// CSV file with the columns second,publishes and, if the jobs differ, service_ms.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: PathBuf,

    /// Draw the queue and the workers over time into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    /// Print every look at the queue and not only those that change something.
    #[arg(long)]
    pub(crate) all: bool,

    /// Time that a job takes where the trace does not say.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..), value_name = "MILLISECONDS")]
    pub(crate) service_millis: u32,

    /// Time from a worker's creation until it consumes.
    #[arg(long, default_value_t = 8, value_name = "SECONDS")]
    pub(crate) startup_seconds: u32,

    /// As slo.maxWaitSeconds.
    #[arg(long, default_value_t = whole(Policy::default().max_wait), value_name = "SECONDS")]
    pub(crate) max_wait_seconds: u32,

    /// As slo.spendPercent.
    #[arg(long, default_value_t = Policy::default().spend_percent, value_name = "PERCENT")]
    pub(crate) spend_percent: u32,

    /// As worker.concurrency.
    #[arg(long, default_value_t = Policy::default().concurrency, value_name = "JOBS")]
    pub(crate) concurrency: u32,

    /// As worker.prefetch.
    #[arg(long, default_value_t = Policy::default().prefetch, value_name = "MESSAGES")]
    pub(crate) prefetch: u32,

    /// As worker.serviceTimeHintMillis.
    #[arg(long, default_value_t = 1000, value_name = "MILLISECONDS")]
    pub(crate) service_time_hint_millis: u32,

    /// As minReplicas.
    #[arg(long, default_value_t = Policy::default().min_replicas, value_name = "WORKERS")]
    pub(crate) min_replicas: u32,

    /// As maxReplicas.
    #[arg(long, default_value_t = Policy::default().max_replicas, value_name = "WORKERS")]
    pub(crate) max_replicas: u32,

    /// As pollSeconds.
    #[arg(long, default_value_t = whole(Policy::default().poll), value_name = "SECONDS")]
    pub(crate) poll_seconds: u32,

    /// As scaleDown.windowSeconds.
    #[arg(long, default_value_t = whole(ScaleDown::default().window), value_name = "SECONDS")]
    pub(crate) window_seconds: u32,

    /// As scaleDown.intervalSeconds.
    #[arg(long, default_value_t = whole(ScaleDown::default().interval), value_name = "SECONDS")]
    pub(crate) interval_seconds: u32,

    /// As scaleDown.maxPercent.
    #[arg(long, default_value_t = ScaleDown::default().max_percent, value_name = "PERCENT")]
    pub(crate) max_percent: u32,

    /// As scaleToZeroAfterSeconds.
    #[arg(long, default_value_t = whole(Policy::default().scale_to_zero_after), value_name = "SECONDS")]
    pub(crate) scale_to_zero_after_seconds: u32,
}

fn whole(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

impl ReplayArgs {
    fn policy(&self) -> Policy {
        Policy {
            max_wait: seconds(self.max_wait_seconds),
            concurrency: self.concurrency,
            prefetch: self.prefetch,
            service_time_hint: Duration::from_millis(self.service_time_hint_millis.into()),
            min_replicas: self.min_replicas,
            max_replicas: self.max_replicas,
            poll: seconds(self.poll_seconds),
            spend_percent: self.spend_percent,
            scale_down: ScaleDown {
                window: seconds(self.window_seconds),
                interval: seconds(self.interval_seconds),
                max_percent: self.max_percent,
            },
            scale_to_zero_after: seconds(self.scale_to_zero_after_seconds),
            ..Policy::default()
        }
    }
}

/// What the operator would have done over the trace, as a table; the picture is written on the way.
pub(crate) fn replay_table(args: &ReplayArgs) -> anyhow::Result<String> {
    let policy = args.policy();
    policy.validate()?;
    let service = Duration::from_millis(args.service_millis.into());
    let shown = args.trace.display();
    let trace = read_trace(&args.trace, service).with_context(|| format!("--trace {shown}"))?;
    let setup = Setup { startup: seconds(args.startup_seconds), ..Setup::default() };
    let rows = replay(&trace, &policy, &setup);
    if let Some(path) = &args.svg {
        let shown = path.display();
        fs::write(path, draw(&trace.name, &rows)?)
            .with_context(|| format!("--svg {shown} cannot be written"))?;
    }
    table(&rows, args.all)
}

fn table(rows: &[Row], all: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "{:>8} {:>7} {:>7} {:>7} {:>7}  {:<10} why",
        "seconds", "ready", "unacked", "current", "desired", "reason"
    )?;
    let mut before: Option<&Row> = None;
    for row in rows {
        let news = before.is_none_or(|before| {
            (before.desired, before.replicas, before.reason) != (row.desired, row.replicas, row.reason)
        });
        if all || news {
            let known = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
            writeln!(
                text,
                "{:>8} {:>7} {:>7} {:>7} {:>7}  {:<10} {}",
                row.time.as_secs(),
                known(row.ready),
                known(row.unacked),
                row.replicas,
                row.desired,
                row.reason.to_string(),
                row.message
            )?;
        }
        before = Some(row);
    }
    Ok(text)
}
