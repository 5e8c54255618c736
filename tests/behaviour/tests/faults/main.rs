//! Faults of everything that the platform stands on. Each test ends by comparing what was accepted with what is there:
//! every accepted job has come to its end once, and no accepted write is lost.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod answers;
mod broker;
mod consumers;
mod dead_letters;
mod peers;
mod postgres;
mod postgres_failover;
mod postgres_pooler;
mod rabbitmq;
mod rabbitmq_cluster;
mod redis;
mod redis_failover;
mod redis_partition;
mod refused;
mod shutdown;
mod standalone;
mod stores;

use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::{Api, eventually};
use testkit::{Distributed, DistributedOptions, Form, ServiceProcess, ServiceSpec, TcpProxy};

/// Longest wait for something to be noticed, or to be well again.
const SOON: Duration = Duration::from_secs(30);

/// A platform that is ready, and its gateway.
async fn start(options: DistributedOptions) -> anyhow::Result<(Distributed, Api)> {
    let platform = Form::distributed(options).await?;
    let api = Api::new(platform.gateway_url())?;
    Ok((platform, api))
}

/// Waits until the health of the service behind `prefix` is this.
async fn health_becomes(api: &Api, prefix: &str, status: &str) -> anyhow::Result<()> {
    eventually(&format!("the health of {prefix} is {status}"), SOON, async || {
        let reply = api.get(&format!("{prefix}/health")).await?;
        let code = if status == "unhealthy" { 503 } else { 200 };
        let reply = reply.ensure_status(code)?;
        ensure!(reply.json()["status"] == status, "{}", reply.text());
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

/// A proxy between a service and the peer whose URL is in this variable; the service is started anew for it.
async fn proxy_before_peer(process: &mut ServiceProcess, variable: &str) -> anyhow::Result<TcpProxy> {
    let mut env = process.spec().env.iter().rev();
    let (_, url) = env.find(|(name, _)| name == variable).context("there is no such variable")?;
    let (proxy, url) = TcpProxy::before(url).await?;
    start_again(process, |spec| spec.env(variable, url.trim_end_matches('/'))).await?;
    Ok(proxy)
}
