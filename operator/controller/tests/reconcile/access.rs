//! What the Roles in the deploy folder allow.

use std::collections::BTreeSet;

use http::Method;
use k8s_openapi::api::rbac::v1::Role;

/// One thing that is asked for.
#[derive(Debug)]
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

/// The rules of the Roles, one by one.
pub(crate) struct Access(pub(crate) BTreeSet<(String, String, String)>);

impl Access {
    pub(crate) fn of_the_deploy_folder() -> Access {
        let roles: Vec<Role> =
            serde_saphyr::from_multiple(include_str!("../../../deploy/role.yaml")).unwrap();
        let rules = roles.into_iter().flat_map(|role| role.rules.unwrap());
        let each = rules.flat_map(|rule| {
            let (groups, resources) = (rule.api_groups.unwrap(), rule.resources.unwrap());
            let mut each = Vec::new();
            for verb in rule.verbs {
                for group in &groups {
                    each.extend(
                        resources.iter().map(|resource| (verb.clone(), group.clone(), resource.clone())),
                    );
                }
            }
            each
        });
        Access(each.collect())
    }

    pub(crate) fn allows(&self, place: &AccessRequest) -> bool {
        self.0.contains(&(place.verb.clone(), place.group.clone(), place.resource.clone()))
    }
}
