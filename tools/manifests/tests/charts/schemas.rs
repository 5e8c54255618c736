//! Every object against the schemas of the versions of Kubernetes that are supported.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use manifests::{charts::yaml, helm::tool, root};
use serde_json::Value;

use crate::render::{of_kind, variants};

const VERSIONS: [&str; 8] = ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"];
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
    let program = tool(&root, "kubernetes-validate").unwrap();
    // All versions at once, one process each.
    let running = VERSIONS.map(|version| {
        let mut command = Command::new(&program);
        command.args(["--strict", "-k", version]).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
        (version, command.spawn().unwrap())
    });
    for (version, process) in running {
        let output = process.wait_with_output().unwrap();
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
