use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::{Context, bail};
use rustix::process::geteuid;
use serde_json::Value;
use testkit::free_port;
use testkit::servers::{Nginx, ServerFiles};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IngressPath {
    pub(crate) path: String,
    /// Whether it is that path alone (`Exact`), and not all below it too (`Prefix`).
    pub(crate) exact: bool,
    /// The Service's name and the name of its port.
    pub(crate) backend: (String, String),
}

pub(crate) fn paths(ingress: &Value) -> anyhow::Result<Vec<IngressPath>> {
    let [rule] = ingress["spec"]["rules"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        bail!("the Ingress has not one rule: {ingress}");
    };
    let path = |path: &Value| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let service = &path["backend"]["service"];
        Some(IngressPath {
            path: text(&path["path"])?,
            exact: match path["pathType"].as_str()? {
                "Exact" => true,
                "Prefix" => false,
                _ => return None,
            },
            backend: (text(&service["name"])?, text(&service["port"]["name"])?),
        })
    };
    let paths = rule["http"]["paths"].as_array().context("the rule has no paths")?;
    paths.iter().map(|one| path(one).with_context(|| format!("not as we write it: {one}"))).collect()
}

/// An nginx that serves these paths as ingress-nginx does: a prefix is the location with a slash and the exact one
/// without; slashes are merged for the choice, which is nginx's default; the path is passed on as it came.
pub(crate) async fn start(
    paths: &[IngressPath],
    mut address: impl FnMut(&IngressPath) -> anyhow::Result<SocketAddr>,
) -> anyhow::Result<Nginx> {
    let port = free_port()?;
    let mut locations = String::new();
    for path in paths {
        let pass = format!("{{ proxy_pass http://{}; }}", address(path)?);
        let bare = path.path.trim_end_matches('/');
        if path.exact {
            writeln!(locations, "location = {} {pass}", path.path)?;
        } else {
            writeln!(locations, "location {bare}/ {pass}")?;
            if !bare.is_empty() {
                writeln!(locations, "location = {bare} {pass}")?;
            }
        }
    }
    let user = if geteuid().is_root() { "user root;" } else { "" };
    let conf = format!(
        "{user}
daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path temporary/body;
    proxy_temp_path temporary/proxy;
    fastcgi_temp_path temporary/fastcgi;
    uwsgi_temp_path temporary/uwsgi;
    scgi_temp_path temporary/scgi;
    proxy_http_version 1.1;
    proxy_set_header Connection \"\";
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"
    );
    Nginx::start_configured(ServerFiles::default(), port, &conf).await
}
