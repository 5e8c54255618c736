use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures::{StreamExt, stream};
use reqwest::Client;

/// The gauge of a worker that tells how many jobs it does now.
pub const ACTIVE_JOBS: &str = "messaging_process_active";

/// Longest time for one worker to answer.
const DEADLINE: Duration = Duration::from_secs(1);
/// Workers that are asked at the same time.
const AT_ONCE: usize = 32;
/// Longest page that is read; a worker's has some tens of kilobytes.
const MOST_BYTES: usize = 4 << 20;

/// Asks workers how many jobs they have in flight.
#[derive(Clone, Debug)]
pub struct ActiveJobsReader(Client);

impl ActiveJobsReader {
    pub fn new() -> anyhow::Result<ActiveJobsReader> {
        tls_provider::install();
        // Pods are asked directly, whatever proxy the environment names.
        Ok(ActiveJobsReader(Client::builder().timeout(DEADLINE).no_proxy().build()?))
    }

    /// The jobs in flight of each of these workers, in their order; `None` where that could not be read in a second.
    pub async fn read(&self, addresses: &[Option<IpAddr>], port: u16) -> Vec<Option<u64>> {
        stream::iter(addresses.iter().copied())
            .map(
                |address| async move { prometheus_text::sum(&self.page(address?, port).await?, ACTIVE_JOBS) },
            )
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn page(&self, address: IpAddr, port: u16) -> Option<String> {
        let request = self.0.get(format!("http://{}/metrics", SocketAddr::new(address, port))).send();
        let mut reply = request.await.ok()?.error_for_status().ok()?;
        let mut page = Vec::new();
        while let Some(chunk) = reply.chunk().await.ok()? {
            page.extend_from_slice(&chunk);
            if page.len() > MOST_BYTES {
                return None;
            }
        }
        String::from_utf8(page).ok()
    }
}
