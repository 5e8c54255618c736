//! The worker-service as a process of its own.

use std::process::ExitCode;

use worker_service::{Args, NAME, run};

fn main() -> ExitCode {
    service_kit::launch(NAME, |args: &Args| &args.serve, run)
}
