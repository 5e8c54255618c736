use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::Context;
use testkit::servers::{Postgres, PostgresOptions, RabbitMq};
use testkit::shared::{AMQP_VARIABLE, PG_VARIABLE};
use testkit::{ShutdownSignals, Supervised};

/// Runs `command` between the start and the stop of the servers; its exit code is the result.
pub(crate) async fn run(command: &[OsString]) -> anyhow::Result<ExitCode> {
    let (program, args) = command.split_first().context("there is no command to run")?;
    let mut signals = ShutdownSignals::listen()?;
    let Some((mut postgres, mut rabbitmq)) = start(&mut signals).await? else { return Ok(ExitCode::FAILURE) };

    let mut command = Command::new(program);
    command.args(args).env(PG_VARIABLE, postgres.dsn()).env(AMQP_VARIABLE, rabbitmq.url());
    let status = match Supervised::spawn(&program.to_string_lossy(), command) {
        Ok(process) => wait(process, &mut signals).await,
        Err(error) => Err(error),
    };
    tokio::try_join!(postgres.stop(), rabbitmq.stop())?;
    Ok(exit_code(status?))
}

/// `None` when somebody asks for the end before both are up.
async fn start(signals: &mut ShutdownSignals) -> anyhow::Result<Option<(Postgres, RabbitMq)>> {
    // What is tested with it is the services; whether PostgreSQL itself is durable has its own servers.
    let options = PostgresOptions { without_fsync: true, ..PostgresOptions::default() };
    tokio::select! {
        servers = async { tokio::try_join!(Postgres::start_with(options), RabbitMq::start()) } => servers.map(Some),
        _ = signals.next() => Ok(None),
    }
}

/// Passes on to the command's whole group what the terminal or somebody else sends to us.
async fn wait(mut process: Supervised, signals: &mut ShutdownSignals) -> anyhow::Result<ExitStatus> {
    loop {
        tokio::select! {
            ended = process.ended() => { ended?; break }
            signal = signals.next() => process.signal_group(signal)?,
        }
    }
    process.wait().await
}

/// A command that was ended by a signal gets the code that a shell would give it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
