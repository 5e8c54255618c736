//! The charts as such.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Chart {
    pub name: String,
    pub description: String,
    pub folder: PathBuf,
    /// The charts with templates for it.
    pub libraries: Vec<String>,
    /// Whether it only has templates for others.
    pub is_library: bool,
}

pub fn all(root: &Path) -> anyhow::Result<Vec<Chart>> {
    let mut charts = Vec::new();
    for entry in fs::read_dir(root.join("charts"))? {
        let folder = entry?.path();
        if folder.join("Chart.yaml").is_file() {
            charts.push(read(folder)?);
        }
    }
    charts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(charts)
}

fn read(folder: PathBuf) -> anyhow::Result<Chart> {
    let manifest = yaml(&folder.join("Chart.yaml"))?;
    let text = |field: &str| manifest[field].as_str().unwrap_or_default().to_owned();
    let dependencies = manifest["dependencies"].as_array().into_iter().flatten();
    let names = dependencies.filter_map(|dependency| dependency["name"].as_str());
    Ok(Chart {
        libraries: names.filter(|name| name.ends_with("-lib")).map(str::to_owned).collect(),
        name: text("name"),
        description: text("description"),
        is_library: manifest["type"] == "library",
        folder,
    })
}

pub fn yaml(file: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_saphyr::from_str(&text).with_context(|| format!("{} is not YAML", file.display()))
}

/// The documents of a rendered chart, those without content left out.
pub fn documents(text: &str) -> anyhow::Result<Vec<Value>> {
    let parts = text.split("\n---").map(|part| part.trim_start_matches("---"));
    let parsed = parts.map(|part| {
        serde_saphyr::from_str::<Value>(part).with_context(|| format!("this is not YAML:\n{part}"))
    });
    parsed.filter(|document| !matches!(document, Ok(Value::Null))).collect()
}
