//! What the documents say.

use std::collections::BTreeSet;

use anyhow::Context;

use crate::root;

/// A metric as a document describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Documented {
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// Its labels, without `service_name`.
    pub labels: BTreeSet<String>,
}

/// The metrics in the tables of `docs/metrics.md`.
pub fn metrics() -> anyhow::Result<Vec<Documented>> {
    let text = std::fs::read_to_string(root().join("docs/metrics.md")).context("docs/metrics.md")?;
    Ok(text.lines().filter_map(metric).collect())
}

/// The metric of a row such as ``| `name` | gauge | `label`: `value`; `other` | unit | meaning |``. What stands behind a
/// colon are a label's values.
fn metric(line: &str) -> Option<Documented> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    let name = cells.next()?.trim_end_matches('`');
    let (kind, labels) = (cells.next()?, cells.next()?);
    let labels = labels.split(';').flat_map(|part| code(part.split(':').next().unwrap_or_default()));
    Some(Documented { name: name.to_owned(), kind: kind.to_owned(), labels: labels.collect() })
}

/// The spans of code in a text.
fn code(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The headings of the second level in `docs/runbook.md`.
pub fn runbook_sections() -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("docs/runbook.md")).context("docs/runbook.md")?;
    Ok(text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_a_metric_with_its_labels() {
        let row = "| `a_total` | counter | `x`: `1`, `2`; `y`, `z` | s | more `words` |";
        let labels = ["x", "y", "z"].map(str::to_owned).into();
        assert_eq!(metric(row), Some(Documented { name: "a_total".into(), kind: "counter".into(), labels }));
        assert_eq!(metric("| metric | type | labels | unit | meaning |"), None);
    }
}
