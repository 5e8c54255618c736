use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The variable with a folder that holds other versions of the servers, as an operating system's root does;
/// scripts/newer-servers.sh makes one.
const ROOT_VARIABLE: &str = "W2MEET_SERVERS_ROOT";

/// Where a folder of the operating system's is, in the other root if there is one.
fn installed(directory: &str) -> PathBuf {
    let root = std::env::var_os(ROOT_VARIABLE).unwrap_or_else(|| "/".into());
    Path::new(&root).join(directory.trim_start_matches('/'))
}

/// A server that comes in one of Debian's packages.
pub(super) struct Package {
    /// What `apt-get install` is given.
    pub(super) name: &'static str,
    /// The programs' directories, looked through before `PATH`.
    pub(super) directories: &'static [&'static str],
}

impl Package {
    /// The path of the package's program.
    pub(super) fn program(&self, name: &str) -> anyhow::Result<PathBuf> {
        self.find(name).with_context(|| {
            format!("{name} is not installed; get it by `apt-get install {}` (as root)", self.name)
        })
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let other = self.directories.iter().map(|directory| installed(directory));
        let own = other.chain(self.directories.iter().map(PathBuf::from));
        own.chain(std::env::split_paths(&path))
            .map(|directory| directory.join(name))
            .find(|file| file.is_file())
    }
}

/// The programs of PostgreSQL's newest installed version, which Debian keeps out of `PATH`.
pub(super) fn postgresql_programs() -> anyhow::Result<PathBuf> {
    newest_version(&installed("/usr/lib/postgresql"))
        .map(|version| version.join("bin"))
        .filter(|programs| programs.join("initdb").is_file())
        .context("PostgreSQL's server is not installed; get it by `apt-get install postgresql` (as root)")
}

fn newest_version(directory: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(directory).ok()?.flatten();
    let numbered =
        versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    Some(numbered.max()?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_server_is_named_with_its_package() {
        let package = Package { name: "no-such-package", directories: &[] };
        let error = package.program("no-such-server").unwrap_err().to_string();
        assert!(error.contains("apt-get install no-such-package"), "{error}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let directory = tempfile::tempdir().unwrap();
        for version in ["9", "15", "common"] {
            fs::create_dir(directory.path().join(version)).unwrap();
        }
        assert_eq!(newest_version(directory.path()), Some(directory.path().join("15")));
    }
}
