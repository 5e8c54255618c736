//! What is derived from the charts: the schemas of their values, the tables of their READMEs, and the manifests for
//! people without Helm. [`derived`] says what the files should be; a program writes them and a test compares.

pub mod charts;
pub mod helm;
mod manifests;
mod readme;
pub mod schema;
pub mod values;

use std::path::{Path, PathBuf};

/// The folder of the whole workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// A file that is made from others.
#[derive(Debug, PartialEq, Eq)]
pub struct Derived {
    /// Where it is, from the workspace's folder.
    pub path: PathBuf,
    /// What it should contain.
    pub content: String,
}

/// Everything that is derived from the charts, manifests last, since they need the schemas on disk.
pub fn derived(root: &Path) -> anyhow::Result<Vec<Derived>> {
    let mut files = derived_beside_charts(root)?;
    files.extend(manifests::render(root)?);
    Ok(files)
}

pub fn derived_beside_charts(root: &Path) -> anyhow::Result<Vec<Derived>> {
    let mut files = Vec::new();
    let globals = values::Settings::read(&root.join("charts").join(schema::UMBRELLA).join("values.yaml"))?;
    for chart in charts::all(root)?.into_iter().filter(|chart| !chart.is_library) {
        let settings = values::Settings::read(&chart.folder.join("values.yaml"))?;
        files.push(schema::derive(root, &chart, &settings, &globals)?);
        files.push(readme::derive(root, &chart, &settings)?);
    }
    Ok(files)
}
