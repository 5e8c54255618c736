//! The same paths, answered by the real services: each has a reply of the same class at every gateway.

use std::net::SocketAddr;

use anyhow::Context;
use behaviour::{Form, raw};
use testkit::{Distributed, DistributedOptions, StandaloneOptions};
use wire::{GATEWAY_STAND_IN, ROUTES};

use crate::gateways::address;
use crate::paths::{DIFFERENT, SAME, STAND_IN};
use crate::{chart, ingress, ingress::IngressPath};

/// The process behind a path of the Ingress.
fn process(platform: &Distributed, path: &IngressPath) -> anyhow::Result<SocketAddr> {
    let route = ROUTES.iter().find(|route| route.prefix == path.path);
    let service = route.map_or(GATEWAY_STAND_IN, |route| route.service);
    let process = platform.services().into_iter().rev().find(|process| process.name().starts_with(service));
    let process = process.with_context(|| format!("no {service} runs"))?;
    match path.backend.1.as_str() {
        "http" => Ok(process.api()),
        "ops" => Ok(process.ops()),
        other => anyhow::bail!("{} goes to a port called {other}", path.path),
    }
}

#[tokio::test]
async fn every_path_has_an_answer_of_the_same_class_everywhere() {
    let standalone = Form::standalone(StandaloneOptions::default()).await.unwrap();
    let distributed = Form::distributed(DistributedOptions::default()).await.unwrap();
    let ingress =
        ingress::start(&chart::ingress_paths().unwrap(), |path| process(&distributed, path)).await.unwrap();
    let gateways = [standalone.process.api(), address(&distributed.gateway), address(&ingress)];
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

#[tokio::test]
async fn what_the_stand_in_knows_is_what_it_says_under_its_prefix() {
    let standalone = Form::standalone(StandaloneOptions::default()).await.unwrap();
    let distributed = Form::distributed(DistributedOptions::default()).await.unwrap();
    let ingress =
        ingress::start(&chart::ingress_paths().unwrap(), |path| process(&distributed, path)).await.unwrap();
    let get = async |gateway, path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        raw::exchange(gateway, request.as_bytes()).await.unwrap().status
    };
    let stand_in = ROUTES.iter().find(|route| route.service == GATEWAY_STAND_IN).unwrap();
    for path in STAND_IN {
        for gateway in [standalone.process.api(), address(&distributed.gateway)] {
            assert_eq!(get(gateway, path).await, 404, "{path}");
        }
        let own = get(address(&ingress), &format!("{}{path}", stand_in.prefix)).await;
        assert_eq!(get(address(&ingress), path).await, own, "{path}");
    }
}

/// Where nothing of ours is the gateway, its health is still text that says ok.
#[tokio::test]
async fn the_gateways_health_is_the_same_everywhere() {
    let standalone = Form::standalone(StandaloneOptions::default()).await.unwrap();
    let distributed = Form::distributed(DistributedOptions::default()).await.unwrap();
    let ingress =
        ingress::start(&chart::ingress_paths().unwrap(), |path| process(&distributed, path)).await.unwrap();
    for gateway in [standalone.process.api(), address(&distributed.gateway), address(&ingress)] {
        let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let reply = raw::exchange(gateway, request).await.unwrap().is(200);
        assert_eq!(reply.text(), "ok");
    }
}
