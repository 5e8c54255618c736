use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures::{StreamExt, stream};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

/// The gauge of a worker that tells how many jobs it does now.
pub const ACTIVE_JOBS: &str = "messaging_process_active";

/// Longest time for one worker to answer.
const DEADLINE: Duration = Duration::from_secs(1);
/// Workers that are asked at the same time.
const AT_ONCE: usize = 32;
/// Longest answer that is read; the page of a worker's metrics has some tens of kilobytes.
const MOST_BYTES: usize = 4 << 20;

/// Asks workers how many jobs they have in flight, and to take no more.
#[derive(Clone, Debug)]
pub struct WorkerClient(Client);

/// A worker's answer when it was paused.
#[derive(Deserialize)]
struct Paused {
    active: u64,
}

impl WorkerClient {
    pub fn new() -> anyhow::Result<WorkerClient> {
        tls_provider::install();
        // Pods are asked directly, whatever proxy the environment names.
        Ok(WorkerClient(Client::builder().timeout(DEADLINE).no_proxy().build()?))
    }

    /// The jobs in flight of each of these workers, in their order; `None` where that could not be read in a second.
    pub async fn active_jobs(&self, addresses: &[Option<IpAddr>], port: u16) -> Vec<Option<u64>> {
        each(addresses, |address| async move {
            let page = answer(self.0.get(url(address, port, "metrics"))).await?;
            prometheus_text::sum(&String::from_utf8(page).ok()?, ACTIVE_JOBS)
        })
        .await
    }

    /// Has each of these workers take no message for a while. The jobs that it has in flight from then on, in their order;
    /// `None` where it did not say so in a second, as workers of before do not.
    pub async fn pause(&self, addresses: &[Option<IpAddr>], port: u16) -> Vec<Option<u64>> {
        each(addresses, |address| async move {
            let answer = answer(self.0.post(url(address, port, "pause"))).await?;
            serde_json::from_slice::<Paused>(&answer).ok().map(|paused| paused.active)
        })
        .await
    }
}

/// The answers of all, in their order; those that have no address give none.
async fn each<F>(addresses: &[Option<IpAddr>], ask: impl Fn(IpAddr) -> F) -> Vec<Option<u64>>
where
    F: Future<Output = Option<u64>>,
{
    let ask = &ask;
    stream::iter(addresses.iter().copied())
        .map(|address| async move { ask(address?).await })
        .buffered(AT_ONCE)
        .collect()
        .await
}

fn url(address: IpAddr, port: u16, path: &str) -> String {
    format!("http://{}/{path}", SocketAddr::new(address, port))
}

/// The body of a good answer.
async fn answer(request: RequestBuilder) -> Option<Vec<u8>> {
    let mut reply = request.send().await.ok()?.error_for_status().ok()?;
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return None;
        }
    }
    Some(body)
}
