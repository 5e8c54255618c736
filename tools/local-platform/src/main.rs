//! The whole platform for a developer.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal; it serves nobody else"
)]

mod demo_command;
mod dev;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local_platform::demo::Load;

#[derive(Parser)]
#[command(about, version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the distributed form on this machine until Ctrl-C: stores, all services, nginx before them, and workers as
    /// the queue needs them
    Dev(DevArgs),
    /// Post many jobs at once while there is no worker, and tell how workers come and go
    DemoScaling(DemoArgs),
}

#[derive(clap::Args)]
struct DevArgs {
    /// Where stores keep their data between runs, and processes their logs
    #[arg(long, default_value = ".dev")]
    dir: PathBuf,
    /// The gateway's port on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

#[derive(clap::Args)]
struct DemoArgs {
    /// How many jobs are posted
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    jobs: u32,
    /// How many mails are ordered in the beginning; with them the jobs come one after the other
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    mails: u32,
    /// How many milliseconds one job takes
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    job_ms: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dev(DevArgs { dir, port }) => dev::run(&dir, port).await,
        Command::DemoScaling(DemoArgs { jobs, mails, job_ms }) => {
            demo_command::run(Load { jobs, mails }, job_ms).await
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
