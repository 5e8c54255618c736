use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use url::Url;

use crate::OpenError;

/// What SQLite keeps beside a database while it is open, and after a process that was killed.
pub(crate) const COMPANIONS: [&str; 2] = ["-wal", "-shm"];
/// What the lock's file has at the end of its name.
const LOCK: &str = ".lock";
const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;
/// Set on folders that everybody may write to.
const STICKY: u32 = 0o1000;

/// The file of an SQLite database, which one process at a time has, and which its owner alone may read.
#[derive(Debug)]
pub(crate) struct DataFile {
    pub(crate) path: PathBuf,
    lock: File,
}

impl DataFile {
    /// Takes the file, which is made when absent, as is its folder. The kernel takes it back from a process that ends,
    /// whatever way it ends.
    pub(crate) fn take(path: &Path) -> Result<DataFile, OpenError> {
        let path = absolute(path)?;
        let unusable = |source| OpenError::File { path: path.clone(), source };
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(OWNER_ONLY)
            .open(beside(&path, LOCK))
            .map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse(path.clone()),
            TryLockError::Error(error) => unusable(error),
        })?;
        // SQLite gives the files beside it the same rights.
        OpenOptions::new().create(true).append(true).mode(OWNER_ONLY).open(&path).map_err(unusable)?;
        tighten(&path).map_err(unusable)?;
        Ok(DataFile { path, lock })
    }

    /// Its URL, by its absolute path, since the URL's rules for relative ones differ from the file system's.
    pub(crate) fn url(&self) -> Result<Url, OpenError> {
        let unusable =
            || OpenError::File { path: self.path.clone(), source: io::ErrorKind::InvalidFilename.into() };
        let file = Url::from_file_path(&self.path).map_err(|()| unusable())?;
        Url::parse(&format!("sqlite://{}", file.path())).map_err(|_| unusable())
    }

    pub(crate) fn give_back(&self) {
        // The kernel does it at the latest when the file is closed.
        let _ = self.lock.unlock();
    }
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// The absolute path of a file; its folder is made when absent.
fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
    DirBuilder::new().recursive(true).mode(OWNER_ONLY_FOLDER).create(folder).map_err(unusable)?;
    let name = path.file_name().ok_or_else(|| unusable(io::ErrorKind::InvalidFilename.into()))?;
    Ok(folder.canonicalize().map_err(unusable)?.join(name))
}

/// Takes from everybody else what an earlier release, or a copy, has left them: the files, and the folder where there is
/// nothing in it but ours.
fn tighten(path: &Path) -> io::Result<()> {
    let files = [path.to_owned(), beside(path, LOCK)];
    for file in files.into_iter().chain(COMPANIONS.map(|ending| beside(path, ending))) {
        restrict(&file, OWNER_ONLY)?;
    }
    let Some(folder) = path.parent() else { return Ok(()) };
    // Databases with what is beside them, made-up people, backups.
    let is_ours = |name: OsString| {
        let name = name.to_string_lossy();
        name.contains(".db") || name.ends_with(".jsonl") || name.ends_with(".tar")
    };
    let only_ours = fs::read_dir(folder)?.flatten().all(|entry| is_ours(entry.file_name()));
    if only_ours { restrict(folder, OWNER_ONLY_FOLDER) } else { Ok(()) }
}

/// Leaves to others nothing of what they may do with a file; what is not there, or belongs to somebody else, stays as it is.
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if metadata.mode() & 0o077 == 0 || metadata.mode() & STICKY != 0 {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(path = %path.display(), "others may read this, and its rights cannot be changed");
            Ok(())
        }
        set => set,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_file_name_may_have_any_character() {
        let folder = tempfile::tempdir().unwrap();
        let url = DataFile::take(&folder.path().join("new/a b?c#d%e.db")).unwrap().url().unwrap();
        assert!(url.as_str().ends_with("/new/a%20b%3Fc%23d%25e.db"), "{url}");
    }

    #[test]
    fn a_file_is_had_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.db");
        let first = DataFile::take(&path).unwrap();
        let error = DataFile::take(&path).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        DataFile::take(&folder.path().join("worker.db")).unwrap();
        first.give_back();
        DataFile::take(&path).unwrap();
    }

    #[test]
    fn what_others_could_read_is_tightened() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("data");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("users.db");
        let files = [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")];
        for file in &files {
            fs::write(file, "").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        DataFile::take(&path).unwrap();
        assert_eq!(files.map(|file| mode(&file)), [0o600; 3]);
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn a_folder_of_somebody_else_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letter.txt"), "").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        DataFile::take(&folder.path().join("users.db")).unwrap();
        assert_eq!(mode(folder.path()), 0o755);
    }
}
