//! The README of a chart: a text by hand around a table of its values.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::Derived;
use crate::charts::Chart;
use crate::values::Settings;

const BEGIN: &str = "<!-- The table is made from values.yaml by `make manifests`. -->";
const END: &str = "<!-- The end of the table. -->";

/// The README with the table as it should be.
pub(crate) fn derive(root: &Path, chart: &Chart, settings: &Settings) -> anyhow::Result<Derived> {
    let file = chart.folder.join("README.md");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{} has no place for the table", file.display()))?;
    let content = format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(settings));
    Ok(Derived { path: file.strip_prefix(root)?.to_owned(), content })
}

fn table(settings: &Settings) -> String {
    let mut table = String::from("| value | default | what it is |\n|---|---|---|\n");
    for setting in &settings.0 {
        let Some(doc) = &setting.doc else { continue };
        let default = match &setting.default {
            serde_json::Value::String(text) if text.is_empty() => String::new(),
            serde_json::Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        // Writing into a String cannot fail.
        let _ = writeln!(
            table,
            "| `{}` | {} | {} |",
            setting.path.join("."),
            default.replace('|', "\\|"),
            doc.replace('|', "\\|")
        );
    }
    table
}
