//! What is made from something else is as it should be.

use std::fs;

use manifests::{
    charts::{documents, yaml},
    derived, root,
};
use serde_json::Value;

use crate::render::{name, of_kind, variants};

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
fn the_roles_are_the_operator_s() {
    let text = fs::read_to_string(root().join("operator/deploy/role.yaml")).unwrap();
    let theirs = documents(&text).unwrap();
    let rules = |suffix: &str, roles: &[Value]| {
        let role = of_kind(roles, "Role").find(|role| name(role).ends_with(suffix));
        role.unwrap_or_else(|| panic!("there is no role …{suffix}"))["rules"].clone()
    };
    for suffix in ["-operator", "-operator-leader"] {
        assert_eq!(rules(suffix, &variants()["default"].objects), rules(suffix, &theirs), "{suffix}");
    }
}
