use anyhow::{Context, bail};
use manifests::{helm, root};
use serde_json::Value;

use crate::ingress::{self, IngressPath};

/// The one object that the umbrella makes from this template.
fn object(file: &str, arguments: &[&str]) -> anyhow::Result<Value> {
    let file = format!("templates/{file}");
    let arguments = [&["w2meet", "charts/w2meet", "--show-only", &file], arguments].concat();
    let Ok([object]) = <[Value; 1]>::try_from(helm::objects(&root(), &arguments)?) else {
        bail!("{file} makes not one object")
    };
    Ok(object)
}

pub(crate) fn ingress_paths() -> anyhow::Result<Vec<IngressPath>> {
    ingress::paths(&object("ingress.yaml", &[])?)
}

/// The paths of the chart's HTTPRoute, in the words of an Ingress: ports by the names that Services give them.
pub(crate) fn http_route_paths() -> anyhow::Result<Vec<IngressPath>> {
    let on = ["--set", "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public"];
    let route = object("httproute.yaml", &on)?;
    let rules = route["spec"]["rules"].as_array().context("the HTTPRoute has no rules")?;
    let path = |rule: &Value| {
        let [one] = rule["matches"].as_array()?.as_slice() else { return None };
        let [backend] = rule["backendRefs"].as_array()?.as_slice() else { return None };
        Some(IngressPath {
            path: one["path"]["value"].as_str()?.to_owned(),
            exact: match one["path"]["type"].as_str()? {
                "Exact" => true,
                "PathPrefix" => false,
                _ => return None,
            },
            backend: (
                backend["name"].as_str()?.to_owned(),
                match backend["port"].as_u64()? {
                    8001 => "public".to_owned(),
                    _ => return None,
                },
            ),
        })
    };
    rules.iter().map(|rule| path(rule).with_context(|| format!("not as we write it: {rule}"))).collect()
}
