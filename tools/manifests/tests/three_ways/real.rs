//! The same paths, answered by the real services: each has a reply of the same class at every gateway.

use std::net::SocketAddr;

use anyhow::Context;
use behaviour::{Api, Form, raw};
use serde_json::json;
use testkit::{
    Distributed, DistributedOptions, ServiceProcess, Standalone, StandaloneOptions, servers::Nginx,
};
use wire::{GATEWAY_HEALTH, ROUTES, Route};

use crate::paths::{DIFFERENT, SAME};
use crate::{chart, ingress, ingress::IngressPath};

fn process(platform: &Distributed, path: &IngressPath) -> anyhow::Result<SocketAddr> {
    let (service, port) = &path.backend;
    let named = |process: &&ServiceProcess| process.name().starts_with(service.trim_start_matches("w2meet-"));
    let process = platform.services().into_iter().rev().find(named);
    let process = process.with_context(|| format!("no {service} runs"))?;
    anyhow::ensure!(port == "public", "{} goes to a port called {port}", path.path);
    process.spec().public_listen.context("it has no public port")
}

/// Both forms of the platform, and the chart's Ingress before the second one.
async fn gateways() -> anyhow::Result<(Standalone, Distributed, Nginx)> {
    let standalone = Form::standalone(StandaloneOptions::default()).await?;
    let distributed = Form::distributed(DistributedOptions::default()).await?;
    let ingress = ingress::start(&chart::ingress_paths()?, |path| process(&distributed, path)).await?;
    Ok((standalone, distributed, ingress))
}

#[tokio::test]
async fn every_path_has_an_answer_of_the_same_class_everywhere() {
    let (standalone, distributed, ingress) = gateways().await.unwrap();
    let gateways = [standalone.process.api(), distributed.gateway.address(), ingress.address()];
    let paths = SAME.iter().map(|(path, _)| *path).chain(DIFFERENT.iter().map(|one| one.path));
    let mut wrong = Vec::new();
    for path in paths {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut classes = Vec::new();
        for gateway in gateways {
            let reply = raw::exchange(gateway, request.as_bytes()).await.unwrap();
            let hidden = ["metrics", "livez", "readyz"].iter().any(|word| path.contains(word));
            if (hidden || DIFFERENT.iter().any(|one| one.path == path)) && reply.status < 400 {
                wrong.push(format!("{path} is answered with {}: {}", reply.status, reply.text()));
            }
            classes.push(reply.status / 100);
        }
        if classes.iter().any(|class| *class != classes[0]) {
            wrong.push(format!("{path}: {classes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A service's own paths, as its description names them, and those that are for other services.
#[tokio::test]
async fn no_path_of_a_service_is_public_without_its_prefix() {
    let (standalone, distributed, ingress) = gateways().await.unwrap();
    let mut asked = 0;
    for gateway in [standalone.gateway_url(), distributed.gateway_url(), ingress.url()] {
        let api = Api::new(&gateway).unwrap();
        let mut paths = ["/openapi.json", "/user-avail/batch", "/users/user-avail/batch", "/metrics"]
            .map(str::to_owned)
            .to_vec();
        for route in ROUTES {
            let description =
                api.get(&format!("{}/openapi.json", route.prefix)).await.unwrap().is(200).json();
            let own = description["paths"].as_object().unwrap().keys();
            paths.extend(own.map(|path| path.replace(['{', '}'], "")));
        }
        // A prefix alone leads to the documents, and the web page has screens that are called like a path.
        paths.retain(|path| {
            path != GATEWAY_HEALTH
                && !["/polls", "/account"].contains(&path.as_str())
                && Route::of(path).is_none_or(|route| route.prefix != path)
        });
        api.post("/users", &json!({})).await.unwrap().says(405, "Method Not Allowed");
        for path in &paths {
            api.get(path).await.unwrap().says(404, "Not Found");
            api.post(path, &json!({})).await.unwrap().says(404, "Not Found");
            asked += 1;
        }
    }
    assert!(asked > 30, "only {asked} paths were asked for");
}

/// Where nothing of ours is the gateway, its health is still text that says ok.
#[tokio::test]
async fn the_gateways_health_is_the_same_everywhere() {
    let (standalone, distributed, ingress) = gateways().await.unwrap();
    for gateway in [standalone.process.api(), distributed.gateway.address(), ingress.address()] {
        let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let reply = raw::exchange(gateway, request).await.unwrap().is(200);
        assert_eq!(reply.text(), "ok");
    }
}
