//! All of W2Meet in one process.

use std::process::ExitCode;

use w2meet::{Args, NAME, run};

fn main() -> ExitCode {
    service_kit::launch(NAME, |args: &Args| &args.serve, run)
}
