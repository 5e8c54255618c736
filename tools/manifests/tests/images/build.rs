use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, anyhow, ensure};
use manifests::root;

/// The Dockerfile's images, by name.
pub(crate) fn images() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("Dockerfile")).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix("FROM base AS ")).map(str::to_owned).collect()
}

/// Where `make test` has put the static binaries, and where the archives go.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    // target/debug/deps/images-0123456789abcdef
    let target = program.ancestors().nth(3).context("the test is in no target folder")?;
    Ok(target.join("images-test"))
}

/// The archive of an image. All are built when the first is asked for.
pub(crate) fn archive(image: &str) -> anyhow::Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build_all().map_err(|error| format!("{error:#}")));
    Ok(built.as_ref().map_err(|error| anyhow!("{error}"))?.join(format!("{image}.tar")))
}

fn build_all() -> anyhow::Result<PathBuf> {
    let folder = folder()?;
    ensure!(
        folder.join("root/bin").is_dir(),
        "{} has no binaries; `make test` builds them by scripts/images.sh",
        folder.display()
    );
    let built = images_sh(&["archives"], &folder).output()?;
    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Ok(folder)
}

/// `scripts/images.sh` with these arguments and this OUT.
pub(crate) fn images_sh(args: &[&str], out: &Path) -> Command {
    let mut command = Command::new(root().join("scripts/images.sh"));
    command.args(args).env("OUT", out);
    for name in ["PROFILE", "REPOSITORY", "TAG", "TOOL", "KIND_CLUSTER"] {
        command.env_remove(name);
    }
    command
}

/// `program` as root: as it is for root, else as the root of a user namespace.
pub(crate) fn as_root(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", program]);
    command
}
