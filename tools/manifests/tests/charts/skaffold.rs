//! skaffold.yaml, kind.yaml and the folder k8s/: what they name exists.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use manifests::{charts::yaml, helm, root};
use serde_json::Value;

use crate::render::variants;

#[test]
fn every_path_that_skaffold_names_exists() {
    let skaffold = yaml(&root().join("skaffold.yaml")).unwrap();
    let mut paths: Vec<&str> = Vec::new();
    for release in skaffold["deploy"]["helm"]["releases"].as_array().unwrap() {
        paths.extend(release["chartPath"].as_str());
        paths.extend(release["valuesFiles"].as_array().unwrap().iter().filter_map(Value::as_str));
    }
    for profile in skaffold["profiles"].as_array().unwrap() {
        for patch in profile["patches"].as_array().into_iter().flatten() {
            let parent = patch["path"].as_str().unwrap().trim_end_matches("/setValues");
            assert!(skaffold.pointer(parent).is_some(), "{} has no {parent}", profile["name"]);
            paths.extend(patch["value"].as_str());
        }
    }
    assert!(paths.len() > 3, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "{path}");
    }
}

#[test]
fn skaffold_builds_every_image_of_ours_from_a_target_of_the_dockerfile() {
    let skaffold = yaml(&root().join("skaffold.yaml")).unwrap();
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let mut built = BTreeSet::new();
    for artifact in skaffold["build"]["artifacts"].as_array().unwrap() {
        let (image, target) =
            (artifact["image"].as_str().unwrap(), artifact["docker"]["target"].as_str().unwrap());
        assert_eq!(artifact["docker"]["dockerfile"], "Dockerfile");
        let stage = format!(" AS {target}");
        assert!(
            dockerfile.lines().any(|line| line.starts_with("FROM ") && line.ends_with(&stage)),
            "{target}"
        );
        assert_eq!(image, format!("w2meet/{target}"));
        built.insert(image);
        let variable = image.replace(['/', '-'], "_");
        let templates = skaffold["deploy"]["helm"]["releases"][0]["setValueTemplates"].as_object().unwrap();
        for part in ["REPO", "TAG"] {
            let name = format!("{{{{.IMAGE_{part}_{variable}}}}}");
            assert!(templates.values().any(|value| *value == name), "{name}");
        }
    }
    let text = &variants()["default"].text;
    let used = text.lines().filter_map(|line| line.trim().strip_prefix("image: w2meet/"));
    let used: BTreeSet<String> =
        used.map(|image| format!("w2meet/{}", image.split(':').next().unwrap())).collect();
    assert_eq!(used, built.into_iter().map(str::to_owned).collect());
}

#[test]
fn the_manifests_are_complete_and_have_no_secret() {
    let root = root();
    let names = yaml(&root.join("k8s/kustomization.yaml")).unwrap();
    let listed: BTreeSet<&str> =
        names["resources"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let others = ["kind.yaml", "kustomization.yaml", "values.yaml"];
    let mut present = BTreeSet::new();
    for entry in fs::read_dir(root.join("k8s")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if file.ends_with(".yaml") && !others.contains(&file.as_str()) {
            let text = fs::read_to_string(root.join("k8s").join(&file)).unwrap();
            assert!(!text.contains("kind: Secret\n"), "{file}");
            present.insert(file);
        }
    }
    assert_eq!(listed, present.iter().map(String::as_str).collect());
}

#[test]
fn the_secrets_for_the_manifests_have_every_key_that_pods_mount() {
    let root = root();
    let printed = Command::new(root.join("k8s/create-secrets.sh")).output().unwrap();
    let secrets = manifests::charts::documents(&String::from_utf8(printed.stdout).unwrap()).unwrap();
    let has = |name: &Value, key: &Value| {
        secrets.iter().any(|secret| {
            secret["metadata"]["name"] == *name && secret["stringData"].get(key.as_str().unwrap()).is_some()
        })
    };
    let arguments = ["w2meet", "charts/w2meet", "--values=k8s/values.yaml"];
    let objects = helm::objects(&root, &arguments).unwrap();
    let mut mounted = 0;
    for (_, pod) in crate::render::pods(&objects) {
        for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            let projected = volume["projected"]["sources"].as_array().into_iter().flatten();
            let named = projected.map(|source| (&source["secret"]["name"], &source["secret"]["items"]));
            let direct = volume.get("secret").map(|secret| (&secret["secretName"], &secret["items"]));
            for (name, items) in named.chain(direct) {
                for item in items.as_array().unwrap() {
                    assert!(has(name, &item["key"]), "{name} {item}");
                    mounted += 1;
                }
            }
        }
    }
    assert!(mounted > 8, "only {mounted} keys are mounted");
}
