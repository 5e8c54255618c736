use std::net::SocketAddr;
use std::slice;

use anyhow::bail;
use wire::ROUTES;

use crate::gateway::Route;
use crate::ports::{free_address, free_port};

/// The ports of a service that others come to.
#[derive(Clone, Copy)]
pub(super) struct ServiceAddress {
    /// For the other services.
    pub(super) api: SocketAddr,
    pub(super) public: SocketAddr,
}

impl ServiceAddress {
    pub(super) fn choose() -> anyhow::Result<ServiceAddress> {
        Ok(ServiceAddress { api: free_address()?, public: free_address()? })
    }
}

/// Where everything will be. It is fixed before anything is started, since the services and the balancers have to know
/// each other, and all start at once.
pub(super) struct Addresses {
    pub(super) gateway: u16,
    pub(super) users: [ServiceAddress; 2],
    pub(super) availability: [ServiceAddress; 2],
    pub(super) suggestion: ServiceAddress,
    pub(super) worker_api: ServiceAddress,
    users_balancer: SocketAddr,
    availability_balancer: SocketAddr,
}

impl Addresses {
    pub(super) fn choose(gateway: Option<u16>) -> anyhow::Result<Addresses> {
        Ok(Addresses {
            gateway: gateway.map_or_else(free_port, Ok)?,
            users: [ServiceAddress::choose()?, ServiceAddress::choose()?],
            availability: [ServiceAddress::choose()?, ServiceAddress::choose()?],
            suggestion: ServiceAddress::choose()?,
            worker_api: ServiceAddress::choose()?,
            users_balancer: free_address()?,
            availability_balancer: free_address()?,
        })
    }

    /// The route table with where each service listens for the gateway.
    pub(super) fn gateway_routes(&self) -> anyhow::Result<Vec<Route>> {
        self.routes(|service| service.public)
    }

    /// The route table with where each service listens for the others.
    pub(super) fn balancer_routes(&self) -> anyhow::Result<Vec<Route>> {
        self.routes(|service| service.api)
    }

    fn routes(&self, port: fn(&ServiceAddress) -> SocketAddr) -> anyhow::Result<Vec<Route>> {
        let route = |route: &wire::Route| {
            let (replicas, balancer_port): (&[ServiceAddress], _) = match route.service {
                "user-service" => (&self.users, Some(self.users_balancer.port())),
                "availability-service" => (&self.availability, Some(self.availability_balancer.port())),
                "suggestion-service" => (slice::from_ref(&self.suggestion), None),
                "worker-service" => (slice::from_ref(&self.worker_api), None),
                other => bail!("{other} is in the route table, and the platform does not start it"),
            };
            Ok(Route {
                prefix: route.segment(),
                replicas: replicas.iter().map(port).collect(),
                balancer_port,
            })
        };
        ROUTES.iter().map(route).collect()
    }

    /// Where the other services find user-service.
    pub(super) fn users_base(&self) -> String {
        base(self.users_balancer)
    }

    /// Where the other services find availability-service.
    pub(super) fn availability_base(&self) -> String {
        base(self.availability_balancer)
    }

    /// Where the other services find suggestion-service.
    pub(super) fn suggestion_base(&self) -> String {
        base(self.suggestion.api)
    }
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}")
}
