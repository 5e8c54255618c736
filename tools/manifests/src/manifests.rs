//! `k8s/`: what helm makes of the umbrella with `k8s/values.yaml`, a file per chart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Derived;
use crate::helm::template;

/// Release and namespace of the manifests.
const NAME: &str = "w2meet";
const HEAD: &str = "# Made from charts/ by `make manifests`.\n";
/// The definition of the operator's resource, which helm does not render.
const CRD: &str = "charts/operator/crds/queuescalers.yaml";

pub(crate) fn render(root: &Path) -> anyhow::Result<Vec<Derived>> {
    let arguments = [NAME, "charts/w2meet", "--namespace", NAME, "--values", "k8s/values.yaml", "--no-hooks"];
    let text = template(root, &arguments)?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (source, document) in by_source(&text) {
        let file = files.entry(file_of(source)).or_insert_with(|| HEAD.to_owned());
        file.push_str("---\n");
        file.push_str(&by_hand(document));
    }
    files.insert("crd.yaml".to_owned(), fs::read_to_string(root.join(CRD))?);
    let derived =
        files.into_iter().map(|(name, content)| Derived { path: PathBuf::from("k8s").join(name), content });
    Ok(derived.collect())
}

/// The documents, each with the template that it comes from, sorted by it.
fn by_source(text: &str) -> Vec<(&str, &str)> {
    let mut documents: Vec<(&str, &str)> = text
        .split("---\n# Source: ")
        .filter_map(|part| part.split_once('\n'))
        .filter(|(_, document)| document.contains("\nkind: "))
        .collect();
    documents.sort_by_key(|(source, _)| *source);
    documents
}

/// The file for a template such as `w2meet/charts/redis/templates/service.yaml`: `redis.yaml`. What makes the operator
/// scale has one of its own, since the API server must know its kind first.
fn file_of(source: &str) -> String {
    let parts: Vec<&str> = source.split('/').collect();
    match parts[..] {
        [.., "queuescaler.yaml"] => "scaling/queuescaler.yaml".to_owned(),
        [.., "monitoring", _] => "monitoring.yaml".to_owned(),
        [.., "consumer.yaml"] => "worker-consumer.yaml".to_owned(),
        [_, "charts", chart, ..] => format!("{chart}.yaml"),
        _ => "gateway.yaml".to_owned(),
    }
}

/// Without the labels that only helm has a use for.
fn by_hand(document: &str) -> String {
    let kept = document.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("helm.sh/chart:") && !line.starts_with("app.kubernetes.io/managed-by:")
    });
    kept.map(|line| format!("{line}\n")).collect::<String>().trim_end().to_owned() + "\n"
}
