//! Makes the files that the page is served from: the modules of `assets/app` joined, all styles as one
//! `style.css`, and everything else as it is; each as it stands, with gzip and with Brotli. That needs Rust alone, so
//! whoever has git and Rust has the page.

mod compress;
mod join_modules;

use std::{
    collections::BTreeMap,
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// Folders whose files are served as they are.
const AS_THEY_ARE: [&str; 2] = ["texts", "vendor"];

#[expect(clippy::print_stdout, reason = "Cargo is told things by lines")]
fn main() -> anyhow::Result<()> {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=build");
    let assets = Path::new("assets");
    let out = PathBuf::from(env::var_os("OUT_DIR").context("Cargo says where")?);
    let files = files(assets)?;
    let mut hash = Sha256::new();
    let mut table = String::new();
    for (index, (path, content)) in files.iter().enumerate() {
        hash.update(path.as_bytes());
        hash.update(content.as_bytes());
        let stem = out.join(index.to_string());
        fs::write(&stem, content)?;
        fs::write(stem.with_extension("gz"), compress::gzip(content.as_bytes())?)?;
        fs::write(stem.with_extension("br"), compress::brotli(content.as_bytes())?)?;
        let kind = kind_of(path)?;
        writeln!(
            table,
            "Asset {{ path: {path:?}, kind: {kind:?}, plain: include_bytes!({:?}), gzip: include_bytes!({:?}), brotli: include_bytes!({:?}) }},",
            stem,
            stem.with_extension("gz"),
            stem.with_extension("br"),
        )?;
    }
    let build: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let index = fs::canonicalize(assets.join("index.html"))?;
    let code = format!(
        "const BUILD: &str = {build:?};\nconst INDEX: &str = include_str!({index:?});\nstatic ASSETS: &[Asset] = &[\n{table}];\n"
    );
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

/// What is served, by its path below the folder of this build.
fn files(assets: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = join_modules::join(&assets.join("app"))?;
    files.insert("style.css".to_owned(), all_of(&assets.join("style"))?.into_values().collect());
    for folder in AS_THEY_ARE {
        for (name, content) in all_of(&assets.join(folder))? {
            // In a browser a module is named by its address.
            files.insert(
                format!("{folder}/{name}"),
                content.replace(r#"from"preact""#, r#"from"./preact.js""#),
            );
        }
    }
    Ok(files)
}

/// The files of a folder by name, without licences.
fn all_of(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a name that is no text")?;
        if kind_of(name).is_ok() {
            files.insert(name.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

fn kind_of(path: &str) -> anyhow::Result<&'static str> {
    match path.rsplit_once('.') {
        Some((_, "js")) => Ok("text/javascript; charset=utf-8"),
        Some((_, "css")) => Ok("text/css; charset=utf-8"),
        Some((_, "json")) => Ok("application/json"),
        _ => anyhow::bail!("{path} is of no kind that the page is made of"),
    }
}
