//! Servers for W2Meet's tests.
#![expect(clippy::print_stderr, reason = "a program for the terminal; it serves nobody else")]

mod with_servers;

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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::WithServers { command } => with_servers::run(&command).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
