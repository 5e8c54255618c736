use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::build;

pub(crate) struct Image {
    /// What the archive calls it, registry and tag included.
    pub(crate) reference: String,
    /// How containers of it are started, as the OCI image specification says.
    pub(crate) config: Value,
    /// Everything in its layers, without the first slash: `etc/passwd`.
    pub(crate) entries: Vec<Entry>,
}

/// A file or folder of an image.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: String,
    /// As `ls` writes it: `-rwxr-xr-x`.
    pub(crate) mode: String,
    /// As numbers: `65532/65532`.
    pub(crate) owner: String,
}

impl Image {
    /// Reads the image of this name, which is built first if need be.
    pub(crate) fn open(name: &str) -> anyhow::Result<Image> {
        let archive = build::archive(name)?;
        let folder = tempfile::tempdir()?;
        tar(&["--extract"], &archive, folder.path())?;
        let blob = |digest: &Value| -> anyhow::Result<PathBuf> {
            let digest = digest.as_str().context("a descriptor has no digest")?;
            Ok(folder.path().join("blobs").join(digest.replace(':', "/")))
        };
        let index = json(&folder.path().join("index.json"))?;
        let [image] = index["manifests"].as_array().map(Vec::as_slice).unwrap_or_default() else {
            anyhow::bail!("the archive holds not one image: {index}");
        };
        let manifest = json(&blob(&image["digest"])?)?;
        let mut entries = Vec::new();
        for layer in manifest["layers"].as_array().context("the image has no layers")? {
            let layer = blob(&layer["digest"])?;
            let listing = tar(&["--list", "--verbose", "--numeric-owner"], &layer, folder.path())?;
            entries.extend(listing.lines().map(Entry::parse).collect::<anyhow::Result<Vec<_>>>()?);
        }
        let reference = image["annotations"]["org.opencontainers.image.ref.name"].as_str();
        Ok(Image {
            reference: reference.unwrap_or_default().to_owned(),
            config: json(&blob(&manifest["config"]["digest"])?)?,
            entries,
        })
    }
}

impl Entry {
    /// A line such as `-rwxr-xr-x 0/0  8123456 2026-11-26 05:19 bin/user-service`.
    fn parse(line: &str) -> anyhow::Result<Entry> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [mode, owner, _bytes, _day, _time, path] = words[..] else {
            anyhow::bail!("tar lists {line:?}");
        };
        let path = path.trim_start_matches("./").trim_end_matches('/').to_owned();
        Ok(Entry { path, mode: mode.to_owned(), owner: owner.to_owned() })
    }

    pub(crate) fn is_file(&self) -> bool {
        self.mode.starts_with('-')
    }
}

fn json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn tar(args: &[&str], archive: &Path, folder: &Path) -> anyhow::Result<String> {
    let done = Command::new("tar").args(args).arg("--file").arg(archive).arg("-C").arg(folder).output()?;
    ensure!(done.status.success(), "tar {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(String::from_utf8(done.stdout)?)
}
