//! Each path's backend, told by services that say who they are and what they were asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use behaviour::raw;
use testkit::servers::Nginx;
use testkit::{Route, Site, free_port};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use wire::ROUTES;

use crate::paths::{DIFFERENT, Different, NGINX, SAME};
use crate::{chart, ingress};

/// One that says who it is and which path it sees.
fn stub(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| format!("{name} {}", request.uri()))
}

/// The three, and the stubs behind them.
pub(crate) struct Gateways {
    standalone: SocketAddr,
    dev: Nginx,
    ingress: Nginx,
    _servers: JoinSet<std::io::Result<()>>,
}

impl Gateways {
    async fn start() -> anyhow::Result<Gateways> {
        let mut servers = JoinSet::new();
        let mut serve = async |router: Router| {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            servers.spawn(async { axum::serve(listener, router).await });
            anyhow::Ok(address)
        };
        let mut stubs = BTreeMap::new();
        for name in stub_names() {
            stubs.insert(name, serve(stub(name)).await?);
        }

        let routers = ROUTES.iter().map(|route| (route.service, stub(route.service)));
        let standalone = serve(w2meet::gateway(routers)).await?;

        let routes: Vec<Route> = ROUTES
            .iter()
            .map(|route| Route {
                prefix: route.segment(),
                replicas: vec![stubs[route.service]],
                balancer_port: None,
            })
            .collect();
        let dev = Nginx::start(&Site::gateway(free_port()?, &routes)).await?;

        let ingress = ingress::start(&chart::ingress_paths()?, |path| {
            let name = stub_names().find(|name| path.backend.0.ends_with(name));
            Ok(stubs[name.context("the Ingress names another service")?])
        })
        .await?;
        Ok(Gateways { standalone, dev, ingress, _servers: servers })
    }

    /// Who answers `path`, at each of the three. A service has to have seen the path as it was sent.
    async fn answer(&self, path: &str) -> anyhow::Result<[String; 3]> {
        let mut answers = Vec::new();
        for gateway in [self.standalone, self.dev.address(), self.ingress.address()] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            let reply = raw::exchange(gateway, request.as_bytes()).await?;
            let who = match reply.text().split_once(' ') {
                Some((who, seen)) if stub_names().any(|name| name == who) => {
                    anyhow::ensure!(seen == path, "{who} was sent {path} and saw {seen}");
                    who.to_owned()
                }
                _ => NGINX.to_owned(),
            };
            answers.push(who);
        }
        answers.try_into().map_err(|_| anyhow::anyhow!("there are three"))
    }
}

fn stub_names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.service)
}

#[tokio::test]
async fn a_path_goes_to_the_same_service_everywhere() {
    let gateways = Gateways::start().await.unwrap();
    let mut wrong = Vec::new();
    for (path, who) in SAME {
        let answers = gateways.answer(path).await.unwrap();
        if answers.iter().any(|answer| answer != who) {
            wrong.push(format!("{path}: {who} expected, {answers:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_differs_differs_as_written_down() {
    let gateways = Gateways::start().await.unwrap();
    let mut wrong = Vec::new();
    for Different { path, standalone, dev, ingress, why } in DIFFERENT {
        let answers = gateways.answer(path).await.unwrap();
        if answers != [*standalone, dev, ingress] {
            wrong.push(format!("{path}: {:?} expected ({why}), {answers:?}", [standalone, dev, ingress]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
