use std::{
    env,
    io::{Write, stderr},
    process::ExitCode,
};

use clap::{Parser, error::ErrorKind};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{ProcessArgs, ServiceContext, chain, command_line, telemetry::Telemetry};

/// A cached read spends a seventh of its time in glibc's allocator; with this one it takes a tenth less CPU.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The whole `main` of a service: reads flags and environment, sets up logs and traces, and runs `run` until SIGTERM,
/// SIGINT or an error. A wrong setting, or an error at the start, is one line on stderr and exit code 2 or 1. Where
/// something fails for good later on ([`ServiceContext::fail`]), the log says so and the exit code is 1.
///
/// `process_args` finds the [`ServeArgs`](crate::ServeArgs), or the [`ProcessArgs`] alone, among the program's own.
pub fn launch<A, L, F>(name: &'static str, process_args: fn(&A) -> &L, run: F) -> ExitCode
where
    A: Parser,
    L: AsRef<ProcessArgs>,
    F: AsyncFnOnce(A, ServiceContext) -> anyhow::Result<()>,
{
    let args = match command_line::parse(env::args_os()) {
        Ok(args) => args,
        Err(error) => return refuse(&error),
    };
    match start(name, process_args, args, run) {
        Ok(failed) => ExitCode::from(u8::from(failed)),
        Err(error) => {
            complain(&format!("{name}: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

/// Whether something has failed for good while it ran.
fn start<A, L, F>(name: &'static str, process_args: fn(&A) -> &L, args: A, run: F) -> anyhow::Result<bool>
where
    L: AsRef<ProcessArgs>,
    F: AsyncFnOnce(A, ServiceContext) -> anyhow::Result<()>,
{
    tls_provider::install();
    let process: &ProcessArgs = process_args(&args).as_ref();
    let _telemetry = Telemetry::start(name, process)?;
    let mut builder = match usize::from(process.threads) {
        1 => Builder::new_current_thread(),
        threads => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
    };
    builder.enable_all().build()?.block_on(async {
        let service = ServiceContext::new(name, stop_signal()?)?;
        run(args, service.clone()).await?;
        Ok(service.has_failed())
    })
}

/// A token that is cancelled at SIGTERM or SIGINT.
pub fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stopping = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = stopping.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => (), _ = int.recv() => () }
        token.cancel();
    });
    Ok(stopping)
}

/// Prints help as it is and a wrong setting as one line.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nobody is left to tell when stdout is closed.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        _ => {
            let text = error.render().to_string();
            let message = text.split("\n\n").next().unwrap_or_default();
            complain(&message.split_whitespace().collect::<Vec<_>>().join(" "));
            ExitCode::from(2)
        }
    }
}

fn complain(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(stderr(), "{line}");
}
