//! What processes export, beside what `docs/metrics.md` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use anyhow::ensure;
use monitoring::documents::{self, Documented};
use prometheus_text::samples;

use crate::http;

/// Labels that Prometheus's format, or every series of ours, has.
const COMMON: [&str; 2] = ["le", "service_name"];

/// Everything exported is documented, and everything documented is exported by one of these processes.
pub(crate) async fn compare(ops: &[SocketAddr]) -> anyhow::Result<()> {
    let exported = known(ops).await?;
    let documented = documents::metrics()?;
    let missing: Vec<&Documented> =
        documented.iter().filter(|metric| !exported.contains_key(&metric.name)).collect();
    ensure!(missing.is_empty(), "documented, and exported by nobody: {missing:#?}");
    Ok(())
}

/// Everything exported is documented with its type and exactly its labels; what that is, by name.
pub(crate) async fn known(ops: &[SocketAddr]) -> anyhow::Result<BTreeMap<String, Documented>> {
    let mut exported: BTreeMap<String, Documented> = BTreeMap::new();
    let client = http()?;
    for address in ops {
        let reply = client.get(format!("http://{address}/metrics")).send().await?;
        let page = reply.error_for_status()?.text().await?;
        for metric in metrics(&page) {
            let known = exported.entry(metric.name.clone()).or_insert_with(|| metric.clone());
            known.labels.extend(metric.labels);
        }
    }
    ensure!(exported.len() > 10, "only {exported:?} is exported");
    let documented: BTreeSet<Documented> = documents::metrics()?.into_iter().collect();
    let unknown: Vec<&Documented> = exported.values().filter(|metric| !documented.contains(metric)).collect();
    ensure!(unknown.is_empty(), "exported, and not documented like that in docs/metrics.md: {unknown:#?}");
    Ok(exported)
}

/// The metrics of a page in Prometheus's text format.
fn metrics(page: &str) -> Vec<Documented> {
    let mut found: Vec<Documented> = Vec::new();
    for line in page.lines() {
        if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, kind) = typed.split_once(' ').unwrap_or((typed, ""));
            found.push(Documented { name: name.to_owned(), kind: kind.to_owned(), labels: BTreeSet::new() });
        } else if let (Some(metric), Some(sample)) = (found.last_mut(), samples(line).next()) {
            let labels = sample.labels.into_iter().map(|(name, _)| name.to_owned());
            metric.labels.extend(labels.filter(|label| !COMMON.contains(&label.as_str())));
        }
    }
    found
}
