use std::net::SocketAddr;

use super::config;

/// One service behind the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The first segment of the paths that go to it, such as `users`. Letters only.
    pub prefix: &'static str,
    /// Its replicas, which take turns. At least one.
    pub replicas: Vec<SocketAddr>,
    /// The port where other services reach all replicas as one, any path.
    pub balancer_port: Option<u16>,
}

/// What one nginx serves, all on 127.0.0.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The port of the public entry, where each route's prefix is served.
    pub gateway_port: Option<u16>,
    /// The route table. Those with a balancer port get a listener for that too.
    pub routes: Vec<Route>,
}

impl Site {
    pub fn gateway(port: u16, routes: &[Route]) -> Site {
        let routes = routes.iter().cloned().map(|route| Route { balancer_port: None, ..route }).collect();
        Site { gateway_port: Some(port), routes }
    }

    pub fn balancers(routes: &[Route]) -> Site {
        let routes = routes.iter().filter(|route| route.balancer_port.is_some()).cloned().collect();
        Site { gateway_port: None, routes }
    }

    /// The first port that nginx listens on for this.
    pub fn port(&self) -> Option<u16> {
        self.gateway_port.or_else(|| self.routes.iter().find_map(|route| route.balancer_port))
    }

    /// The text of `nginx.conf`: relative paths are nginx's prefix directory; `user` owns the worker processes where
    /// nginx is started by root.
    pub fn nginx_conf(&self, user: Option<&str>) -> String {
        config::render(self, user)
    }
}
