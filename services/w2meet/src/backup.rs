//! A backup of everything that the one process keeps, in one file: a tar archive of its SQLite databases.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use sql_store::{ClosedDatabase, check_database, copy_database};
use tar::{Archive, Builder};

/// The databases, as they are called in the folder and in the archive.
const DATABASES: [&str; 2] = [user_service::DATABASE_FILE, worker_service::DATABASE_FILE];

/// Writes the people and jobs of the folder `data` to `file`; each of the two as it is at one moment, whoever writes to it.
pub(crate) async fn back_up(data: &Path, file: &Path) -> anyhow::Result<()> {
    let found = DATABASES.map(|name| (name, data.join(name))).into_iter().filter(|(_, path)| path.is_file());
    let found: Vec<(&str, PathBuf)> = found.collect();
    ensure!(!found.is_empty(), "{} has no people and no jobs; --data-dir names the folder", data.display());
    // Beside the archive, where there has to be room in any case; nobody else may read it.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unwritable = || format!("cannot write {}", file.display());
    let copies =
        tempfile::Builder::new().prefix(".w2meet-backup-").tempdir_in(folder).with_context(unwritable)?;
    let partial = copies.path().join("archive");
    let mut archive = Builder::new(private(&partial).with_context(unwritable)?);
    for (name, path) in found {
        let copy = copies.path().join(name);
        drop(private(&copy)?);
        copy_database(&path, &copy).await.with_context(|| format!("cannot copy {}", path.display()))?;
        archive.append_path_with_name(&copy, name).with_context(unwritable)?;
    }
    archive.into_inner().and_then(|written| written.sync_all()).with_context(unwritable)?;
    fs::rename(partial, file).with_context(unwritable)
}

/// Puts the people and jobs of the backup `file` into the folder `data`, in the place of those that are there.
pub(crate) async fn restore(data: &Path, file: &Path) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read the backup {}", file.display());
    let mut archive = Archive::new(File::open(file).with_context(unreadable)?);
    // Both are taken before one is touched.
    let closed = DATABASES.map(|name| ClosedDatabase::take(&data.join(name)).map(|closed| (name, closed)));
    let closed: Vec<(&str, ClosedDatabase)> = closed.into_iter().collect::<Result<_, _>>()?;
    let unpacked = tempfile::Builder::new().prefix(".restore-").tempdir_in(data)?;
    let mut restored = Vec::new();
    for entry in archive.entries().with_context(unreadable)? {
        let mut entry = entry.with_context(unreadable)?;
        let path = entry.path().with_context(unreadable)?.into_owned();
        let Some((name, database)) = closed.iter().find(|(name, _)| Path::new(name) == path) else {
            bail!("{} is no backup of W2Meet: it has {} in it", file.display(), path.display());
        };
        let copy = unpacked.path().join(name);
        let mut written = private(&copy)?;
        io::copy(&mut entry, &mut written).with_context(unreadable)?;
        written.sync_all()?;
        check_database(&copy).await.with_context(|| format!("{name} in {} is damaged", file.display()))?;
        restored.push((database, copy));
    }
    ensure!(!restored.is_empty(), "{} is no backup of W2Meet: it is empty", file.display());
    for (database, copy) in restored {
        database.replace_by(&copy).with_context(|| format!("cannot restore to {}", data.display()))?;
    }
    File::open(data)?.sync_all()?;
    Ok(())
}

fn private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}
