use std::net::{Ipv4Addr, SocketAddr};
use std::slice;

use anyhow::bail;
use wire::ROUTES;

use crate::gateway::Route;
use crate::ports::free_port;

/// Where everything will be. It is fixed before anything is started, since the services and the balancers have to know
/// each other, and all start at once.
pub(super) struct Addresses {
    pub(super) gateway: u16,
    pub(super) users: [SocketAddr; 2],
    pub(super) availability: [SocketAddr; 2],
    pub(super) suggestion: SocketAddr,
    pub(super) worker_api: SocketAddr,
    users_balancer: u16,
    availability_balancer: u16,
}

impl Addresses {
    pub(super) fn choose(gateway: Option<u16>) -> anyhow::Result<Addresses> {
        Ok(Addresses {
            gateway: gateway.map_or_else(free_port, Ok)?,
            users: [free_address()?, free_address()?],
            availability: [free_address()?, free_address()?],
            suggestion: free_address()?,
            worker_api: free_address()?,
            users_balancer: free_port()?,
            availability_balancer: free_port()?,
        })
    }

    /// The route table with where each service is, from which both the gateway and the balancers are made.
    pub(super) fn routes(&self) -> anyhow::Result<Vec<Route>> {
        let route = |route: &wire::Route| {
            let (replicas, balancer_port): (&[SocketAddr], _) = match route.service {
                "user-service" => (&self.users, Some(self.users_balancer)),
                "availability-service" => (&self.availability, Some(self.availability_balancer)),
                "suggestion-service" => (slice::from_ref(&self.suggestion), None),
                "worker-service" => (slice::from_ref(&self.worker_api), None),
                other => bail!("{other} is in the route table, and the platform does not start it"),
            };
            Ok(Route { prefix: route.segment(), replicas: replicas.to_vec(), balancer_port })
        };
        ROUTES.iter().map(route).collect()
    }

    /// Where the other services find user-service.
    pub(super) fn users_base(&self) -> String {
        base((Ipv4Addr::LOCALHOST, self.users_balancer).into())
    }

    /// Where the other services find availability-service.
    pub(super) fn availability_base(&self) -> String {
        base((Ipv4Addr::LOCALHOST, self.availability_balancer).into())
    }

    /// Where the other services find suggestion-service.
    pub(super) fn suggestion_base(&self) -> String {
        base(self.suggestion)
    }
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}")
}

pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, free_port()?).into())
}
