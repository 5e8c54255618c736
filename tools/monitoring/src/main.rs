//! Writes the dashboards into the chart.

use std::fs;

use anyhow::Context;
use monitoring::{dashboards, dashboards_folder};

fn main() -> anyhow::Result<()> {
    for dashboard in dashboards::all() {
        let path = dashboards_folder().join(dashboard.file_name());
        fs::write(&path, dashboard.text()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
