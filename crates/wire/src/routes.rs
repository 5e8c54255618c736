/// One service behind the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The first segment of the paths that go to it, with the slash before it. The service gets the path as it came,
    /// since it answers under its own prefix.
    pub prefix: &'static str,
    /// The service's name.
    pub service: &'static str,
}

/// The route table of every gateway: the router of the one process, the nginx of `make dev`, and the Ingress and the
/// HTTPRoute of a cluster.
pub const ROUTES: &[Route] = &[
    Route { prefix: "/users", service: "user-service" },
    Route { prefix: "/availability", service: "availability-service" },
    Route { prefix: "/suggestion", service: "suggestion-service" },
    Route { prefix: "/worker", service: "worker-service" },
];

/// The gateway's own health: `ok` as text, on the public port of every service.
pub const GATEWAY_HEALTH: &str = "/health";

/// The service that a cluster's gateway asks for its own health: it needs nothing to be ready.
pub const GATEWAY_HEALTH_BACKEND: &str = "availability-service";

/// The service that gets every path that no route has. Its public port, as that of every service, answers nothing but
/// what is under its prefix and what is meant for the root; all else is a 404 in the shape of all errors.
pub const DEFAULT_BACKEND: &str = "user-service";

impl Route {
    /// Where `path` goes: the first segment decides, byte by byte, before anything in it is decoded. `None` is the
    /// gateway itself.
    pub fn of(path: &str) -> Option<&'static Route> {
        let segment = path.split('/').nth(1)?;
        ROUTES.iter().find(|route| route.segment() == segment)
    }

    /// The prefix without its slash: letters only.
    pub fn segment(&self) -> &'static str {
        self.prefix.trim_start_matches('/')
    }
}
