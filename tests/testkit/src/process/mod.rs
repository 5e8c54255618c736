//! Processes that end with the one that started them, whatever way that one ends.

mod family;
mod supervised;
mod watchdog;

pub use family::family;
pub use supervised::Supervised;
pub(crate) use watchdog::remove_directory_at_exit;

use std::ffi::OsStr;
use std::process::Command;

/// What a child keeps of this process's environment: enough to run, nothing that configures it.
const KEPT: [&str; 6] = ["PATH", "HOME", "LANG", "TMPDIR", "RUST_BACKTRACE", "LLVM_PROFILE_FILE"];

/// A command whose environment says nothing that a developer's shell happens to export (`PGHOST`, `PG_DSN`, …).
pub(crate) fn clean_command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}
