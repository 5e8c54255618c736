//! The operator: see `w2meet-operator --help`.

use std::process::ExitCode;

use w2meet_operator::{Args, NAME, run};

fn main() -> ExitCode {
    service_kit::launch(NAME, Args::process, run)
}
