//! That the chart's routes are those of the one table.

use wire::{DEFAULT_BACKEND, GATEWAY_HEALTH, GATEWAY_HEALTH_BACKEND, ROUTES};

use crate::chart;
use crate::ingress::IngressPath;

/// What an Ingress has to say, in any order.
fn expected() -> Vec<IngressPath> {
    let path = |path: &str, exact, service: &str| IngressPath {
        path: path.to_owned(),
        exact,
        backend: (format!("w2meet-{service}"), "public".to_owned()),
    };
    let routes = ROUTES.iter().map(|route| path(route.prefix, false, route.service));
    let own = [path(GATEWAY_HEALTH, true, GATEWAY_HEALTH_BACKEND), path("/", false, DEFAULT_BACKEND)];
    sorted(routes.chain(own).collect())
}

fn sorted(mut paths: Vec<IngressPath>) -> Vec<IngressPath> {
    paths.sort_by(|one, other| one.path.cmp(&other.path));
    paths
}

#[test]
fn the_ingress_has_the_table_and_nothing_else() {
    assert_eq!(sorted(chart::ingress_paths().unwrap()), expected());
}

#[test]
fn the_http_route_has_the_table_and_nothing_else() {
    assert_eq!(sorted(chart::http_route_paths().unwrap()), expected());
}
