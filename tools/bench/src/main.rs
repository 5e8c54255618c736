//! Measures the services on real stores, beside a bare handler and beside what the original system did.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod bare;
mod drain;
mod load;
mod machine;
mod measure;
mod overload;
mod poll;
mod proc;
mod report;
mod scenario;
mod stack;
mod starts;
mod telemetry;

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};

use bare::BareArgs;
use measure::RunSettings;
use poll::Poll;
use report::Report;
use stack::Stack;

/// People who answer the poll that is asked about.
const PARTICIPANTS: usize = 1_000;
const DRAIN: &str = "drain";
const OVERLOAD: &str = "overload";
const START: &str = "start";
const TELEMETRY: &str = "telemetry";

/// Measures the services on PostgreSQL, Redis and RabbitMQ of its own.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Measure only this; may be repeated.
    #[arg(long, value_parser = names())]
    only: Vec<String>,
    /// Length of one measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Length of the warm-up before each measurement.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    warm_up: u64,
    /// Measurements of each; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections at the same time.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<u32>,
    /// Jobs in the queue before the consumer starts.
    #[arg(long, default_value_t = 10_000)]
    jobs: usize,
    /// Folder of another build's programs: what is measured is measured on both by turns, and compared.
    #[arg(long, value_name = "FOLDER")]
    beside: Option<PathBuf>,
    /// Also put the tables between the markers of this document.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve as the bare handler.
    #[command(hide = true)]
    Bare(BareArgs),
}

fn names() -> Vec<&'static str> {
    scenario::NAMES.into_iter().chain(scenario::OF_POLL).chain([DRAIN, OVERLOAD, START, TELEMETRY]).collect()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Command::Bare(args)) = cli.command {
        return bare::serve(args).await;
    }
    let report = run(&cli).await?;
    let tables = report.markdown();
    println!("{tables}");
    if let Some(path) = &cli.write {
        let document = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        fs::write(path, report::insert(&document, &tables)?)?;
        eprintln!("written to {}", path.display());
    }
    Ok(())
}

async fn run(cli: &Cli) -> anyhow::Result<Report> {
    let settings = RunSettings {
        seconds: cli.seconds,
        warm_up: cli.warm_up,
        rounds: cli.rounds,
        connections: cli.connections.clone(),
    };
    let wanted = |name: &str| cli.only.is_empty() || cli.only.iter().any(|only| only == name);
    let mut report = Report { facts: machine::facts()?, ..Report::default() };
    if wanted(TELEMETRY) {
        eprintln!("{TELEMETRY} …");
        report.telemetry = telemetry::measure(&settings).await?;
    }
    if wanted(OVERLOAD) {
        eprintln!("{OVERLOAD} …");
        report.overload = overload::measure(&settings, cli.beside.as_deref()).await?;
    }
    if cli.only.iter().all(|only| [OVERLOAD, TELEMETRY].contains(&only.as_str())) && !cli.only.is_empty() {
        return Ok(report);
    }
    let with_jobs = ["enqueue", DRAIN, START].into_iter().any(wanted);
    eprintln!("starting the stores and the services …");
    let stack = Stack::start(with_jobs).await?;
    let other = match &cli.beside {
        Some(directory) => Some(Stack::start_of(with_jobs, None, Some(directory)).await?),
        None => None,
    };
    if wanted(START) {
        eprintln!("starts …");
        report.starts = starts::measure(&stack).await?;
    }
    let mut scenarios = scenario::all(stack.emails());
    if scenario::OF_POLL.into_iter().any(wanted) {
        eprintln!("a poll is answered …");
        scenarios.extend(scenario::of_poll(&Poll::store(&stack, PARTICIPANTS).await?));
    }
    for scenario in scenarios.into_iter().filter(|scenario| wanted(scenario.name)) {
        eprintln!("{} …", scenario.name);
        let rows = measure::measure(&stack, &scenario, &settings, |row| {
            eprintln!("{}", report::line(scenario.name, row))
        })
        .await
        .with_context(|| format!("cannot measure {}", scenario.name))?;
        // The other build has no such poll.
        if let Some(other) = other.as_ref().filter(|_| !scenario::OF_POLL.contains(&scenario.name)) {
            report.beside.extend(measure::beside(other, &stack, &scenario, &settings).await?);
        }
        report.scenarios.push((scenario, rows));
    }
    if wanted(DRAIN) {
        eprintln!("{DRAIN} …");
        report.drain = Some(drain::measure(&stack, cli.jobs, cli.rounds).await?);
    }
    Ok(report)
}

/// A client with its own connections, for what is not measured.
fn http_client() -> anyhow::Result<reqwest::Client> {
    tls_provider::install();
    Ok(reqwest::Client::builder().tcp_nodelay(true).timeout(std::time::Duration::from_secs(30)).build()?)
}
