//! Faults of everything that the platform stands on. Each test ends by comparing what was accepted with what is there:
//! every accepted job has come to its end once, and no accepted write is lost.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod answers;
mod broker;
mod consumers;
mod dead_letters;
mod peers;
mod postgres;
mod rabbitmq;
mod redis;
mod redis_partition;
mod refused;
mod shutdown;
mod standalone;
mod stores;

use std::{
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, ensure};
use behaviour::{Api, eventually};
use testkit::{Distributed, ServiceProcess, ServiceSpec, TcpProxy};

/// Longest wait for something to be noticed, or to be well again.
const SOON: Duration = Duration::from_secs(30);

fn gateway(platform: &Distributed) -> anyhow::Result<Api> {
    Api::new(platform.gateway_url())
}

/// Waits until the health of the service behind `prefix` is this.
async fn health_becomes(api: &Api, prefix: &str, status: &str) -> anyhow::Result<()> {
    eventually(&format!("the health of {prefix} is {status}"), SOON, async || {
        let reply = api.get(&format!("{prefix}/health")).await?;
        let code = if status == "unhealthy" { 503 } else { 200 };
        ensure!(
            reply.status == code && reply.json()["status"] == status,
            "{} {}",
            reply.status,
            reply.text()
        );
        Ok(())
    })
    .await
}

/// Starts a service anew on its address, with other environment.
async fn start_again(
    process: &mut ServiceProcess,
    change: impl FnOnce(ServiceSpec) -> ServiceSpec,
) -> anyhow::Result<()> {
    process.kill().await?;
    *process = ServiceProcess::start(change(process.spec().clone())).await?;
    Ok(())
}

/// The address in a URL of a service's environment.
fn address_in(spec: &ServiceSpec, variable: &str) -> anyhow::Result<SocketAddr> {
    let (_, url) =
        spec.env.iter().rev().find(|(name, _)| name == variable).context("there is no such variable")?;
    Ok(url.trim_start_matches("http://").parse()?)
}

/// A proxy before the server in `url`, and the URL through it.
async fn through_proxy(url: &str) -> anyhow::Result<(TcpProxy, String)> {
    let (_, behind) = url.split_once('@').context("no user in the URL")?;
    let authority = behind.split('/').next().unwrap_or_default();
    let address: SocketAddr = authority.to_socket_addrs()?.next().context("no address")?;
    let proxy = TcpProxy::start(address).await?;
    let url = url.replace(authority, &proxy.address().to_string());
    Ok((proxy, url))
}
