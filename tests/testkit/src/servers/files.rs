use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::process::remove_directory_at_exit;

/// Where a server keeps its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFiles {
    /// A directory that stays and is used again at the next start; a new one that is removed in the end if `None`.
    pub directory: Option<PathBuf>,
    /// The file to which the server's output is appended; `server.log` in its directory if `None`.
    pub log: Option<PathBuf>,
}

/// The directory of a server, which exists.
#[derive(Clone, Debug)]
pub(super) struct ServerDirectory {
    path: PathBuf,
    log: PathBuf,
    /// Removes the directory when the last one is dropped.
    _temporary: Option<Arc<TempDir>>,
}

impl ServerDirectory {
    /// Makes the directory; `label` is part of a temporary one's name.
    pub(super) fn make(label: &str, files: ServerFiles) -> anyhow::Result<ServerDirectory> {
        let (path, temporary) = match files.directory {
            Some(path) => {
                fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
                (fs::canonicalize(path)?, None)
            }
            None => {
                let temporary = tempfile::Builder::new().prefix(&format!("w2meet-{label}-")).tempdir()?;
                remove_directory_at_exit(temporary.path())?;
                (temporary.path().to_owned(), Some(Arc::new(temporary)))
            }
        };
        if geteuid().is_root() {
            // For PostgreSQL and nginx's workers, who are somebody else then.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        let log = files.log.unwrap_or_else(|| path.join("server.log"));
        Ok(ServerDirectory { path, log, _temporary: temporary })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file for the server's output.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }
}
