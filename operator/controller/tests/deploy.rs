//! What the deploy folder would bring to a cluster.

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::ServiceAccount,
    rbac::v1::{Role, RoleBinding},
};
use serde_json::Value;

#[test]
fn the_pods_fit_the_restricted_standard() {
    let deployment: Deployment =
        serde_saphyr::from_str(include_str!("../../deploy/deployment.yaml")).unwrap();
    let pod = deployment.spec.unwrap().template.spec.unwrap();
    let security = pod.security_context.unwrap();
    assert_eq!(security.run_as_non_root, Some(true));
    assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
    for container in pod.containers {
        let security = container.security_context.unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.read_only_root_filesystem, Some(true));
        assert_eq!(security.capabilities.unwrap().drop, Some(vec!["ALL".to_owned()]));
        assert!(container.liveness_probe.is_some() && container.readiness_probe.is_some());
        assert!(container.resources.unwrap().requests.is_some());
    }
}

#[test]
fn the_account_has_both_roles() {
    let account: ServiceAccount =
        serde_saphyr::from_str(include_str!("../../deploy/service-account.yaml")).unwrap();
    let deployment: Deployment =
        serde_saphyr::from_str(include_str!("../../deploy/deployment.yaml")).unwrap();
    assert_eq!(deployment.spec.unwrap().template.spec.unwrap().service_account_name, account.metadata.name);
    let roles: Vec<Role> = serde_saphyr::from_multiple(include_str!("../../deploy/role.yaml")).unwrap();
    let bindings: Vec<RoleBinding> =
        serde_saphyr::from_multiple(include_str!("../../deploy/role-binding.yaml")).unwrap();
    let bound: Vec<_> = bindings.iter().map(|binding| Some(binding.role_ref.name.clone())).collect();
    let named: Vec<_> = roles.into_iter().map(|role| role.metadata.name).collect();
    assert_eq!(bound, named);
    for binding in bindings {
        let subjects = binding.subjects.unwrap();
        assert_eq!(subjects.len(), 1);
        assert_eq!(Some(&subjects[0].name), account.metadata.name.as_ref());
    }
}

#[test]
fn kustomize_brings_every_file_but_the_example() {
    let kustomization: Value =
        serde_saphyr::from_str(include_str!("../../deploy/kustomization.yaml")).unwrap();
    let mut named: Vec<String> = serde_json::from_value(kustomization["resources"].clone()).unwrap();
    named.extend(["kustomization.yaml", "queuescaler.yaml"].map(str::to_owned));
    named.sort();
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy")).unwrap();
    let mut files: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(named, files);
}
