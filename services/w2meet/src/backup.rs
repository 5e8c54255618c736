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

/// The databases, as they are called in the folder and in the archive, each with a table that it has.
const DATABASES: [(&str, &str); 2] =
    [(user_service::DATABASE_FILE, "people"), (worker_service::DATABASE_FILE, "jobs")];

/// Writes the people and jobs of the folder `data` to `file`; each of the two as it is at one moment, whoever writes to it.
pub(crate) async fn back_up(data: &Path, file: &Path) -> anyhow::Result<()> {
    let found = DATABASES.map(|(name, _)| (name, data.join(name))).into_iter();
    let found: Vec<(&str, PathBuf)> = found.filter(|(_, path)| path.is_file()).collect();
    ensure!(!found.is_empty(), "{} has no people and no jobs; --data-dir names the folder", data.display());
    let unwritable = || format!("cannot write {}", file.display());
    let file = &free_for_backup(data, file).with_context(unwritable)?;
    // Beside the archive, where there has to be room in any case; nobody else may read it.
    let folder = folder_of(file);
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
    fs::rename(partial, file).with_context(unwritable)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(unwritable)
}

/// Where the backup goes when it is to be `file`, which it replaces: not a device, and nothing of what it is made from.
fn free_for_backup(data: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    // Of a link what it leads to is replaced, not the link.
    let file = if file.is_symlink() { file.canonicalize()? } else { file.to_owned() };
    match fs::metadata(&file) {
        Ok(there) => ensure!(there.is_file(), "it is there and no file"),
        Err(error) => ensure!(error.kind() == io::ErrorKind::NotFound, error),
    }
    let name = file.file_name().context("it has no name")?.to_string_lossy();
    let is_data = DATABASES.iter().any(|(database, _)| name.starts_with(database));
    if is_data && folder_of(&file).canonicalize()? == data.canonicalize()? {
        bail!("it is a part of the data; give the backup another name");
    }
    Ok(file)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts the people and jobs of the backup `file` into the folder `data`, in the place of those that are there.
pub(crate) async fn restore(data: &Path, file: &Path) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read the backup {}", file.display());
    let mut archive = Archive::new(File::open(file).with_context(unreadable)?);
    // Both are taken before one is touched.
    let closed = DATABASES.map(|of| ClosedDatabase::take(&data.join(of.0)).map(|closed| (of, closed)));
    let closed: Vec<((&str, &str), ClosedDatabase)> = closed.into_iter().collect::<Result<_, _>>()?;
    let unpacked = tempfile::Builder::new().prefix(".restore-").tempdir_in(data)?;
    let mut restored = Vec::new();
    for entry in archive.entries().with_context(unreadable)? {
        let mut entry = entry.with_context(unreadable)?;
        let path = entry.path().with_context(unreadable)?.into_owned();
        let Some(((name, table), database)) = closed.iter().find(|(of, _)| Path::new(of.0) == path) else {
            bail!("{} is no backup of W2Meet: it has {} in it", file.display(), path.display());
        };
        let copy = unpacked.path().join(name);
        let mut written = private(&copy)?;
        io::copy(&mut entry, &mut written).with_context(unreadable)?;
        written.sync_all()?;
        check_database(&copy, table)
            .await
            .with_context(|| format!("{name} in {} cannot be used", file.display()))?;
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
