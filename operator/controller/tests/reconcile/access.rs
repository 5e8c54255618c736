//! What the Roles in the deploy folder allow.

use std::collections::BTreeSet;

use http::Method;
use k8s_openapi::api::rbac::v1::Role;

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccessRequest {
    pub(crate) verb: String,
    pub(crate) group: String,
    /// With its subresource: `deployments/scale`.
    pub(crate) resource: String,
}

impl AccessRequest {
    /// From a path such as `/apis/apps/v1/namespaces/jobs/deployments/worker/scale`.
    pub(crate) fn of(method: &Method, path: &str, watch: bool) -> AccessRequest {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let (group, rest) = if parts[0] == "api" { ("", &parts[2..]) } else { (parts[1], &parts[3..]) };
        let rest = if rest[0] == "namespaces" { &rest[2..] } else { rest };
        let verb = match (method.as_str(), rest.len()) {
            ("GET", 1) if watch => "watch",
            ("GET", 1) => "list",
            ("GET", _) => "get",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            _ => "delete",
        };
        let resource = match rest {
            [resource, _, sub] => format!("{resource}/{sub}"),
            [resource, ..] => (*resource).to_owned(),
            [] => String::new(),
        };
        AccessRequest { verb: verb.to_owned(), group: group.to_owned(), resource }
    }
}

/// What the Roles allow, one by one.
pub(crate) fn allowed() -> BTreeSet<AccessRequest> {
    let roles: Vec<Role> = serde_saphyr::from_multiple(include_str!("../../../deploy/role.yaml")).unwrap();
    let mut allowed = BTreeSet::new();
    for rule in roles.into_iter().flat_map(|role| role.rules.unwrap()) {
        let (groups, resources) = (rule.api_groups.unwrap(), rule.resources.unwrap());
        for verb in rule.verbs {
            for group in &groups {
                allowed.extend(resources.iter().map(|resource| AccessRequest {
                    verb: verb.clone(),
                    group: group.clone(),
                    resource: resource.clone(),
                }));
            }
        }
    }
    allowed
}
