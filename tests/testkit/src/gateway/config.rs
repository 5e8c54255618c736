use std::fmt::Write;

use rustix::process::{Resource, getrlimit};
use wire::{DEFAULT_BACKEND, GATEWAY_HEALTH, ROUTES};

use super::faults::{GATEWAY_FAULTS, GatewayFault, write_faults};
use super::site::{Route, Site};

/// What does not depend on the routes.
const MAIN: &str = include_str!("main.conf");

const MOST_FILES: u64 = 65_536;
/// Files that are no connections: its log, ports and temporary files.
const OTHER_FILES: u64 = 128;

/// As many connections as it may open files; a request from a client takes two, and two more at each balancer behind.
fn connections() -> String {
    let files = getrlimit(Resource::Nofile).maximum.map_or(MOST_FILES, |files| files.min(MOST_FILES));
    let connections = files.saturating_sub(OTHER_FILES).max(OTHER_FILES);
    format!("worker_rlimit_nofile {files};\nevents {{ worker_connections {connections}; }}\n")
}

/// The whole configuration. (Writing into a `String` cannot fail, so the results of `write!` say nothing.)
pub(super) fn render(site: &Site, user: Option<&str>) -> String {
    let mut conf = String::from("# Generated; changed only by its generator.\n");
    if let Some(user) = user {
        let _ = writeln!(conf, "user {user};");
    }
    conf.push_str(&connections());
    conf.push_str(MAIN);
    for route in &site.routes {
        upstream(&mut conf, route);
    }
    if let Some(port) = site.gateway_port {
        gateway(&mut conf, port, &site.routes);
    }
    for route in &site.routes {
        if let Some(port) = route.balancer_port {
            balancer(&mut conf, port, route.prefix);
        }
    }
    conf.push_str("}\n");
    conf
}

fn upstream(conf: &mut String, route: &Route) {
    let _ = writeln!(conf, "\n    upstream {} {{", route.prefix);
    for replica in &route.replicas {
        // With a limit of failures nginx would go on refusing for seconds after a replica is back.
        let _ = writeln!(conf, "        server {replica} max_fails=0;");
    }
    conf.push_str(
        "        keepalive 64;\n        keepalive_requests 1000000;\n        keepalive_timeout 15s;\n    }\n",
    );
}

fn gateway(conf: &mut String, port: u16, routes: &[Route]) {
    let default = ROUTES.iter().find(|route| route.service == DEFAULT_BACKEND).map(|route| route.segment());
    let other = match routes.iter().find(|route| Some(route.prefix) == default) {
        Some(route) => format!("proxy_pass http://{}", route.prefix),
        None => "return 404".to_owned(),
    };
    let _ = write!(
        conf,
        "
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location = {GATEWAY_HEALTH} {{
            default_type text/plain;
            return 200 ok;
        }}
        location / {{ {other}; }}
"
    );
    for Route { prefix, .. } in routes {
        // Without a path behind the upstream's name the request's own path is passed on, byte for byte.
        let _ = write!(
            conf,
            "
        location = /{prefix} {{ proxy_pass http://{prefix}; }}
        location /{prefix}/ {{ proxy_pass http://{prefix}; }}
"
        );
    }
    write_faults(conf, &GATEWAY_FAULTS);
    conf.push_str("    }\n");
}

/// Where no replica can be reached the caller is told 503, as by a service that does not work, and not nginx's 502,
/// which would say that it works wrongly.
fn balancer(conf: &mut String, port: u16, prefix: &str) {
    let _ = write!(
        conf,
        "
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ proxy_pass http://{prefix}; }}
"
    );
    write_faults(
        conf,
        &[GatewayFault {
            status: 503,
            message: "No replica can be reached",
            code: "unavailable",
            causes: "502 504",
        }],
    );
    conf.push_str("    }\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Vec<Route> {
        vec![
            Route {
                prefix: "users",
                replicas: vec![([127, 0, 0, 1], 1001).into(), ([127, 0, 0, 1], 1002).into()],
                balancer_port: Some(1000),
            },
            Route { prefix: "worker", replicas: vec![([127, 0, 0, 1], 4001).into()], balancer_port: None },
        ]
    }

    #[test]
    fn a_gateway_serves_each_prefix_and_no_balancer() {
        let conf = Site::gateway(8080, &routes()).nginx_conf(None);
        assert!(conf.contains("listen 127.0.0.1:8080"), "{conf}");
        assert!(conf.contains("location = /worker { proxy_pass http://worker; }"), "{conf}");
        assert!(conf.contains("location /users/ { proxy_pass http://users; }"), "{conf}");
        assert!(!conf.contains("127.0.0.1:1000 "), "{conf}");
    }

    #[test]
    fn balancers_serve_only_what_has_a_port_for_it() {
        let conf = Site::balancers(&routes()).nginx_conf(Some("root"));
        assert!(conf.contains("listen 127.0.0.1:1000 "), "{conf}");
        assert!(conf.contains("server 127.0.0.1:1002 max_fails=0;"), "{conf}");
        assert!(conf.contains("user root;"), "{conf}");
        assert!(!conf.contains("worker {"), "{conf}");
        assert!(!conf.contains("/health"), "{conf}");
    }

    #[test]
    fn two_thousand_clients_find_a_connection_at_each_hop() {
        let conf = Site::gateway(8080, &routes()).nginx_conf(None);
        let (_, rest) = conf.split_once("worker_connections ").unwrap();
        let connections: u64 = rest.split(';').next().unwrap().parse().unwrap();
        let files = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        assert!(connections >= 8_000.min(files - OTHER_FILES), "{connections}");
    }

    #[test]
    fn brackets_are_balanced() {
        let site = Site { gateway_port: Some(8080), routes: routes() };
        let conf = site.nginx_conf(Some("root"));
        let depth = |bracket| conf.matches(bracket).count();
        assert_eq!(depth('{'), depth('}'));
    }
}
