use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The variable with the directory of our binaries, where it is not that of the running program.
const DIRECTORY_VARIABLE: &str = "W2MEET_BIN_DIR";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    UserService,
    AvailabilityService,
    SuggestionService,
    WorkerService,
    W2meet,
    /// What scales the workers.
    Operator,
}

impl Binary {
    pub fn name(self) -> &'static str {
        match self {
            Binary::UserService => "user-service",
            Binary::AvailabilityService => "availability-service",
            Binary::SuggestionService => "suggestion-service",
            Binary::WorkerService => "worker-service",
            Binary::W2meet => "w2meet",
            Binary::Operator => "w2meet-operator",
        }
    }

    /// Its file: in `W2MEET_BIN_DIR`, or else where cargo has put it when it built the running program, in the same
    /// profile.
    pub fn path(self) -> anyhow::Result<PathBuf> {
        self.path_in(None)
    }

    pub(super) fn path_in(self, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
        let directory = match (directory, std::env::var_os(DIRECTORY_VARIABLE)) {
            (Some(directory), _) => directory.to_owned(),
            (None, Some(directory)) => PathBuf::from(directory),
            (None, None) => profile_directory(&std::env::current_exe()?)?.to_owned(),
        };
        let file = directory.join(self.name());
        if !file.is_file() {
            bail!("{} does not exist; build it by `cargo build --workspace --bins`", file.display());
        }
        Ok(file)
    }
}

/// `target/debug` both for `target/debug/testkit` and for the test `target/debug/deps/faults-0123456789abcdef`.
fn profile_directory(program: &Path) -> anyhow::Result<&Path> {
    let directory = program.parent().context("the running program has no directory")?;
    if directory.ends_with("deps") {
        return directory.parent().context("the running program's directory has no parent");
    }
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_beside_a_program_and_above_a_test() {
        for program in ["/t/debug/testkit", "/t/debug/deps/faults-01"] {
            assert_eq!(profile_directory(Path::new(program)).unwrap(), Path::new("/t/debug"));
        }
    }
}
