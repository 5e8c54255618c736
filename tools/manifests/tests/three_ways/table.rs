//! That the chart's routes are those of the one table.

use wire::{GATEWAY_HEALTH, GATEWAY_STAND_IN, ROUTES};

use crate::chart;
use crate::ingress::IngressPath;

/// What an Ingress has to say, in any order.
fn expected() -> Vec<IngressPath> {
    let path = |path: &str, exact, service: &str, port: &str| IngressPath {
        path: path.to_owned(),
        exact,
        backend: (format!("w2meet-{service}"), port.to_owned()),
    };
    let routes = ROUTES.iter().map(|route| path(route.prefix, false, route.service, "http"));
    let own =
        [path(GATEWAY_HEALTH, true, GATEWAY_STAND_IN, "ops"), path("/", false, GATEWAY_STAND_IN, "http")];
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
