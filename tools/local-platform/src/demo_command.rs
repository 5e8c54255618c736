//! `demo-scaling`: runs the demonstration and prints what happens.

use std::process::ExitCode;
use std::time::Duration;

use local_platform::Event;
use local_platform::demo::{self, DemoPlatform, Figures, Load};
use testkit::ShutdownSignals;
use testkit::servers::Postgres;

use crate::table::Table;

/// Jobs that one worker does at a time.
const CONCURRENCY: u32 = 2;
const FIRST_WORKER: Duration = Duration::from_secs(10);

/// Success when every job was done once and none waited past the limit.
pub(crate) async fn run(load: Load, job_ms: u64) -> anyhow::Result<ExitCode> {
    let mut signals = ShutdownSignals::listen()?;
    tokio::select! {
        ended = demonstrate(load, Duration::from_millis(job_ms)) => ended,
        _ = signals.next() => Ok(ExitCode::FAILURE),
    }
}

async fn demonstrate(load: Load, job_time: Duration) -> anyhow::Result<ExitCode> {
    println!("Starting PostgreSQL, RabbitMQ and the API for jobs; no worker …");
    let postgres = Postgres::start().await?;
    let platform = DemoPlatform::start(&postgres.database("demo").await?, job_time, CONCURRENCY).await?;
    let policy = demo::policy(CONCURRENCY, job_time);
    let limit = policy.max_wait;
    let Load { jobs, mails } = load;
    match mails {
        0 => print!("Posting {jobs} jobs of {job_time:?} at once"),
        _ => print!(
            "Ordering {mails} mails, and posting {jobs} jobs of {job_time:?}, one each {:?}",
            demo::BETWEEN
        ),
    }
    println!("; a worker does {CONCURRENCY} at a time.\n");
    let watch = |at: Duration, event: &Event| {
        if event.is_news() {
            println!("{:>6.1} s | {event}", at.as_secs_f64());
        }
    };
    let figures = demo::run(&platform, policy, load, watch).await?;
    println!("\n{}", table(&figures, limit));
    let good = figures.lost == 0
        && figures.begun_again == 0
        && (figures.sent, figures.sent_again) == (figures.mails as usize, 0)
        && figures.longest_wait <= limit
        && figures.first_worker.is_some_and(|after| after <= FIRST_WORKER);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(figures: &Figures, limit: Duration) -> Table {
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    let mut table = Table::default();
    table.row(["FIGURE", "MEASURED", "ASKED FOR"]);
    let mut row = |what: &str, measured: String, wanted: String| table.row([what, &measured, &wanted]);
    row("all jobs posted after", seconds(figures.posted), String::new());
    let first = figures.first_worker.map_or_else(|| "never".to_owned(), seconds);
    row("first worker ready after", first, format!("at most {}", seconds(FIRST_WORKER)));
    row("most workers", figures.most_workers.to_string(), String::new());
    row("median wait of a job", seconds(figures.median_wait), String::new());
    row("longest wait of a job", seconds(figures.longest_wait), format!("at most {}", seconds(limit)));
    row("jobs lost", figures.lost.to_string(), "0".to_owned());
    row("jobs begun again", figures.begun_again.to_string(), "0".to_owned());
    row("jobs computed", figures.computed.to_string(), figures.jobs.to_string());
    if figures.mails > 0 {
        row("mails sent", figures.sent.to_string(), figures.mails.to_string());
        row("mails sent again", figures.sent_again.to_string(), "0".to_owned());
    }
    row("last worker gone after", seconds(figures.gone), String::new());
    table
}
