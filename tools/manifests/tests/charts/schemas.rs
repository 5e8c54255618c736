//! Every object against the schemas of the versions of Kubernetes that are supported.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use manifests::{
    charts::{all, yaml},
    helm::run,
    root,
};
use serde_json::Value;

use crate::render::{of_kind, variants};

/// From the oldest that the charts name on.
const VERSIONS: [&str; 6] = ["1.32", "1.33", "1.34", "1.35", "1.36", "1.37"];
/// Kinds that are not Kubernetes' own.
const FOREIGN: [&str; 3] = ["HTTPRoute", "QueueScaler", "ServiceMonitor"];

#[test]
fn every_object_is_valid_in_every_supported_version() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let file = folder.path().join("all.yaml");
    // Variants have most objects in common; each is looked at once.
    let texts = variants().values().flat_map(|variant| variant.text.split("\n---\n"));
    let distinct: BTreeSet<&str> = texts.filter(|text| text.contains("kind: ")).collect();
    fs::write(&file, distinct.into_iter().collect::<Vec<_>>().join("\n---\n")).unwrap();
    let file = file.to_str().unwrap();
    let validate = |version| run(&root, "kubernetes-validate", &["--strict", "-k", version, file]).unwrap();
    // All versions at once, one process each.
    let outputs = thread::scope(|scope| {
        VERSIONS.map(|version| scope.spawn(move || validate(version))).map(|running| running.join().unwrap())
    });
    for (version, output) in VERSIONS.iter().zip(outputs) {
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let passed = said.lines().filter(|line| line.contains("passed for resource")).count();
        assert!(passed > 100, "only {passed} objects were looked at by {version}: {said}");
        for line in said.lines().filter(|line| !line.contains("passed for resource")) {
            let foreign = FOREIGN.iter().any(|kind| line.contains(&format!("schema for kind {kind} ")));
            assert!(foreign, "{version}: {line}");
        }
    }
}

#[test]
fn charts_and_documents_name_the_same_oldest_version() {
    let root = root();
    for chart in all(&root).unwrap().iter().filter(|chart| !chart.is_library) {
        let range = &yaml(&chart.folder.join("Chart.yaml")).unwrap()["kubeVersion"];
        assert_eq!(*range, format!(">={}.0-0", VERSIONS[0]), "{}", chart.name);
    }
    for document in ["docs/install.md", "docs/operator.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        assert!(text.contains(&format!("Kubernetes {} or later", VERSIONS[0])), "{document}");
    }
}

#[test]
fn the_queue_scaler_sets_every_field_that_its_definition_has_and_no_other() {
    let crd = yaml(&root().join("charts/operator/crds/queuescalers.yaml")).unwrap();
    let versions = crd["spec"]["versions"].as_array().unwrap();
    let scalers: Vec<&Value> = ["default", "external"]
        .iter()
        .flat_map(|name| of_kind(&variants()[name].objects, "QueueScaler"))
        .collect();
    assert_eq!(scalers.len(), 2);
    let version = scalers[0]["apiVersion"].as_str().unwrap().rsplit('/').next().unwrap();
    let schema = versions.iter().find(|found| found["name"] == version).expect("the version is served");
    let mut known = BTreeSet::new();
    fields(&schema["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"], true, "", &mut known);
    assert!(known.len() > 20, "{known:?}");
    let mut set = BTreeSet::new();
    scalers.iter().for_each(|scaler| fields(&scaler["spec"], false, "", &mut set));
    assert_eq!(set, known);
}

/// The paths of all fields without fields inside, of a value or of a schema's properties.
fn fields(value: &Value, of_schema: bool, path: &str, found: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let inner = if of_schema { &value["properties"] } else { value };
        let path = format!("{path}.{key}");
        if inner.is_object() {
            fields(inner, of_schema, &path, found);
        } else {
            found.insert(path);
        }
    }
}
