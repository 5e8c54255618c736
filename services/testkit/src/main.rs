//! Servers for W2Meet's tests, and the whole platform for a developer.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal; it serves nobody else"
)]

mod dev;
mod ending;
mod table;
mod with_servers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a command with a PostgreSQL and a RabbitMQ for its tests, and stop them afterwards
    ///
    /// The command finds them by W2MEET_TEST_PG (the maintenance database) and W2MEET_TEST_AMQP. The exit code is the
    /// command's.
    WithServers {
        /// The command and its arguments, behind `--`
        #[arg(last = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
    /// Run the distributed form on this machine until Ctrl-C: stores, all services, and nginx before them
    Dev(DevArgs),
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::WithServers { command } => with_servers::run(&command).await,
        Command::Dev(DevArgs { dir, port }) => dev::run(&dir, port).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
