//! Pod Security `restricted`, service accounts, and Checkov.

use std::collections::BTreeMap;
use std::fs;

use manifests::{charts::yaml, helm::run, root};
use serde_json::{Value, json};

use crate::render::{containers, pods, title, variants};

/// The volumes that the standard `restricted` allows.
const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

#[test]
fn every_pod_keeps_the_restricted_standard_and_a_read_only_root() {
    for (workload, pod) in variants().values().flat_map(|variant| pods(&variant.objects)) {
        let (spec, title) = (&pod["spec"], title(workload));
        assert_eq!(spec["securityContext"]["runAsNonRoot"], true, "{title}");
        assert!(spec["securityContext"]["runAsUser"].as_u64().unwrap() > 0, "{title}");
        assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{title}");
        for host in ["hostNetwork", "hostPID", "hostIPC"] {
            assert!(spec.get(host).is_none(), "{title}: {host}");
        }
        for volume in spec["volumes"].as_array().into_iter().flatten() {
            let kinds: Vec<&String> =
                volume.as_object().unwrap().keys().filter(|key| *key != "name").collect();
            assert!(kinds.iter().all(|kind| VOLUMES.contains(&kind.as_str())), "{title}: {volume}");
        }
        for container in containers(pod) {
            let expected = json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            });
            assert_eq!(container["securityContext"], expected, "{title}");
            let resources = &container["resources"];
            assert!(resources["requests"]["cpu"].is_string(), "{title}");
            assert!(resources["limits"]["memory"].is_string(), "{title}");
            let ports = container["ports"].as_array().into_iter().flatten();
            assert!(ports.into_iter().all(|port| port.get("hostPort").is_none()), "{title}");
        }
    }
}

#[test]
fn only_who_asks_the_kubernetes_api_gets_a_token() {
    for (variant, rendered) in variants() {
        for (workload, pod) in pods(&rendered.objects) {
            let token = pod["spec"]["automountServiceAccountToken"].as_bool().expect("it is said explicitly");
            let labels = &pod["metadata"]["labels"];
            let asks = labels["app.kubernetes.io/name"] == "operator"
                || labels["app.kubernetes.io/component"] == "prometheus";
            assert_eq!(token, asks, "{variant}: {}", title(workload));
        }
    }
}

#[test]
fn checkov_finds_nothing_but_what_is_justified() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let file = folder.path().join("default.yaml");
    fs::write(&file, &variants()["default"].text).unwrap();
    let file = file.to_str().unwrap();
    let flags = ["--framework=kubernetes", "--skip-download", "--quiet", "--compact", "--output=json"];
    let output = run(&root, "checkov", &[&flags[..], &["--file", file]].concat()).unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).expect("checkov writes JSON");
    assert!(report["summary"]["passed"].as_u64().unwrap() > 500, "{}", report["summary"]);

    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in report["results"]["failed_checks"].as_array().unwrap() {
        let resources = found.entry(finding["check_id"].as_str().unwrap()).or_default();
        resources.push(finding["resource"].as_str().unwrap());
    }
    let justified = yaml(&root.join("charts/checkov.yaml")).unwrap();
    for (check, resources) in &found {
        let Some(entry) = justified.get(check) else { panic!("{check} at {resources:?}") };
        assert!(entry["reason"].as_str().is_some_and(|reason| reason.len() > 20), "{check} has no reason");
        for resource in resources {
            let named = entry["at"].as_array().unwrap().iter().filter_map(Value::as_str);
            let known = named.into_iter().any(|part| part == "*" || resource.ends_with(part));
            assert!(known, "{check} at {resource}");
        }
    }
    for check in justified.as_object().unwrap().keys() {
        assert!(found.contains_key(check.as_str()), "{check} is justified and not found any more");
    }
}
