//! Measures the services on real stores, beside a bare handler and beside what the original system did.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod bare;
mod calendars;
mod callers;
mod chain;
mod changes;
mod drain;
mod listeners;
mod load;
mod machine;
mod mails;
mod measure;
mod overload;
mod poll;
mod proc;
mod python;
mod report;
mod scenario;
mod sizes;
mod stack;
mod starts;
mod telemetry;

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};

use bare::BareArgs;
use changes::Question;
use measure::RunSettings;
use poll::Poll;
use report::Report;
use stack::Stack;

/// People who answer the poll that is asked about, and those of a large one.
const PARTICIPANTS: usize = 1_000;
const MANY_PARTICIPANTS: usize = 10_000;
/// Polls that are answered, and people who answer each.
const POLLS: (usize, usize) = (100, 4);
/// Milliseconds for the heat map after a change.
const HEAT_MAP_GOAL: f64 = 20.0;
/// What is asked after a change.
const HEAT_MAP_CHANGED: &str = "heat-map-changed";
const WINDOWS_CHANGED: &str = "poll-windows-changed";
const LISTENERS: &str = "listeners";
const DRAIN: &str = "drain";
const MAILS: &str = "mails";
const MAIL_RENDERING: &str = "mail-rendering";
const SUGGESTIONS_BESIDE_MAILS: &str = "suggestions-beside-mails";
const CALENDAR: &str = "calendar";
const CALLERS: &str = "callers";
const OVERLOAD: &str = "overload";
const SIZES: &str = "sizes";
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
    /// Mails that wait when the worker starts.
    #[arg(long, default_value_t = 10_000)]
    mails: usize,
    /// People, and as many polls, of each database of `--only sizes`, which is measured only if it is named.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000", value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    sizes: Vec<u32>,
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
    let of_polls = [scenario::LARGE_POLL_WINDOWS, scenario::ANSWER];
    let beyond =
        [HEAT_MAP_CHANGED, WINDOWS_CHANGED, LISTENERS, DRAIN, OVERLOAD, START, TELEMETRY, CALLERS, SIZES];
    let of_mails = [MAILS, MAIL_RENDERING, SUGGESTIONS_BESIDE_MAILS, CALENDAR];
    let all = scenario::NAMES.into_iter().chain(scenario::OF_POLL).chain(of_polls);
    all.chain(beyond).chain(of_mails).collect()
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
    if wanted(MAIL_RENDERING) {
        eprintln!("{MAIL_RENDERING} …");
        report.rendering = mails::measure_rendering(cli.rounds).await?;
    }
    if cli.only.iter().any(|only| only == SIZES) {
        eprintln!("{SIZES} …");
        report.sizes = sizes::measure(&cli.sizes, cli.rounds).await?;
    }
    let without_stack = [OVERLOAD, TELEMETRY, MAIL_RENDERING, SIZES];
    if cli.only.iter().all(|only| without_stack.contains(&only.as_str())) && !cli.only.is_empty() {
        return Ok(report);
    }
    let with_jobs = ["enqueue", DRAIN, START, MAILS, SUGGESTIONS_BESIDE_MAILS].into_iter().any(wanted);
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
    let known = scenarios.len();
    let mut poll = None;
    if scenario::OF_POLL.into_iter().chain([HEAT_MAP_CHANGED, LISTENERS]).any(wanted) {
        eprintln!("a poll is answered …");
        let stored = poll.insert(Poll::store(&stack, PARTICIPANTS).await?);
        scenarios.extend(scenario::of_poll(stored));
    }
    let mut large_poll = None;
    if [scenario::LARGE_POLL_WINDOWS, WINDOWS_CHANGED].into_iter().any(wanted) {
        eprintln!("a large poll is stored …");
        let stored = large_poll.insert(Poll::store_large(&stack, MANY_PARTICIPANTS).await?);
        scenarios.push(scenario::of_large_poll(stored));
    }
    if wanted(scenario::ANSWER) {
        eprintln!("many polls are answered …");
        let mut polls = Vec::new();
        for _ in 0..POLLS.0 {
            polls.push(Poll::store(&stack, POLLS.1).await?);
        }
        scenarios.push(scenario::of_polls(&polls));
    }
    for (number, scenario) in (0..).zip(scenarios).filter(|(_, scenario)| wanted(scenario.name)) {
        eprintln!("{} …", scenario.name);
        let rows = measure::measure(&stack, &scenario, &settings, |row| {
            eprintln!("{}", report::line(scenario.name, row))
        })
        .await
        .with_context(|| format!("cannot measure {}", scenario.name))?;
        // The other build has no such polls.
        if let Some(other) = other.as_ref().filter(|_| number < known) {
            report.beside.extend(measure::beside(other, &stack, &scenario, &settings).await?);
        }
        report.scenarios.push((scenario, rows));
    }
    if let Some(poll) = poll.as_ref().filter(|_| wanted(HEAT_MAP_CHANGED)) {
        eprintln!("{HEAT_MAP_CHANGED} …");
        let question = ("heat map of 1,000 people", Question::HeatMap, Some(HEAT_MAP_GOAL));
        report.changes.extend(changes::measure(&stack, question, poll, &settings).await?);
    }
    if let Some(poll) = large_poll.as_ref().filter(|_| wanted(WINDOWS_CHANGED)) {
        eprintln!("{WINDOWS_CHANGED} …");
        let question = ("windows of a poll of 10,000 people", Question::Windows, None);
        report.changes.extend(changes::measure(&stack, question, poll, &settings).await?);
    }
    if let Some(poll) = poll.as_ref().filter(|_| wanted(LISTENERS)) {
        eprintln!("{LISTENERS} …");
        report.listeners = Some(listeners::measure(&stack, poll, cli.rounds).await?);
    }
    if wanted(DRAIN) {
        eprintln!("{DRAIN} …");
        report.drain = Some(drain::measure(&stack, cli.jobs, cli.rounds).await?);
    }
    if wanted(CALENDAR) {
        eprintln!("{CALENDAR} …");
        report.calendar = Some(calendars::measure(&stack, cli.rounds).await?);
    }
    if wanted(CALLERS) {
        eprintln!("{CALLERS} …");
        report.callers = callers::measure(&stack, &settings).await?;
    }
    if wanted(MAILS) {
        eprintln!("{MAILS} …");
        report.mails = Some(mails::measure(&stack, cli.mails, cli.rounds).await?);
    }
    if wanted(SUGGESTIONS_BESIDE_MAILS) {
        eprintln!("{SUGGESTIONS_BESIDE_MAILS} …");
        let measured = mails::measure_suggestions(&stack, cli.mails, cli.rounds).await?;
        report.suggestions_beside_mails = Some(measured);
    }
    Ok(report)
}

/// A client with its own connections, for what is not measured.
fn http_client() -> anyhow::Result<reqwest::Client> {
    tls_provider::install();
    Ok(reqwest::Client::builder().tcp_nodelay(true).timeout(std::time::Duration::from_secs(30)).build()?)
}
