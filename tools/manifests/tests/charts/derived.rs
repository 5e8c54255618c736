//! What is made from something else is as it should be.

use std::fs;

use manifests::{
    charts::{documents, yaml},
    derived, helm, root,
};
use serde_json::Value;

use crate::render::{name, of_kind};

#[test]
fn schemas_tables_and_manifests_are_up_to_date() {
    let root = root();
    let files = derived(&root).unwrap();
    assert!(files.len() > 20, "{}", files.len());
    for file in files {
        let present = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        assert!(present == file.content, "{} is out of date; make manifests writes it", file.path.display());
    }
}

#[test]
fn the_definition_of_the_resource_is_the_operator_s() {
    let root = root();
    let ours = yaml(&root.join("charts/operator/crds/queuescalers.yaml")).unwrap();
    assert_eq!(ours, yaml(&root.join("operator/deploy/crd.yaml")).unwrap());
}

#[test]
fn the_roles_and_the_admission_policy_are_the_operator_s() {
    let theirs = ["role.yaml", "admission-policy.yaml"].map(|file| {
        documents(&fs::read_to_string(root().join("operator/deploy").join(file)).unwrap()).unwrap()
    });
    let theirs = theirs.concat();
    let arguments = ["w2meet", "charts/operator", "--set=secretNames={rabbitmq-credentials}"];
    let ours = helm::objects(&root(), &arguments).unwrap();
    let found = |kind: &str, suffix: &str, objects: &[Value]| {
        let object = of_kind(objects, kind).find(|object| name(object).ends_with(suffix));
        object.unwrap_or_else(|| panic!("there is no {kind} …{suffix}")).clone()
    };
    for suffix in ["-operator", "-operator-leader"] {
        assert_eq!(
            found("Role", suffix, &ours)["rules"],
            found("Role", suffix, &theirs)["rules"],
            "{suffix}"
        );
    }
    let without_the_account = |objects: &[Value]| {
        let mut spec = found("ValidatingAdmissionPolicy", "operator", objects)["spec"].take();
        spec.as_object_mut().unwrap().remove("matchConditions").unwrap();
        spec
    };
    assert_eq!(without_the_account(&ours), without_the_account(&theirs));
}
