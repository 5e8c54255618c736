use std::{net::IpAddr, time::Duration};

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
            .map(|address| async move { self.page(address?, port).await.as_deref().and_then(active_jobs) })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn page(&self, address: IpAddr, port: u16) -> Option<String> {
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let request = self.0.get(format!("http://{host}:{port}/metrics")).send();
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

/// The sum of the gauge's series on a page of Prometheus' text format; `None` when there is none, or a value that is no
/// number of jobs.
pub fn active_jobs(page: &str) -> Option<u64> {
    let mut sum: Option<u64> = None;
    for line in page.lines() {
        let Some(rest) = line.strip_prefix(ACTIVE_JOBS) else { continue };
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None if rest.starts_with([' ', '\t']) => rest,
            None => continue,
        };
        let value: f64 = value.split_whitespace().next()?.parse().ok()?;
        // A float with no fraction; `as` would turn nonsense into a number.
        let jobs = format!("{value:.0}").parse::<u64>().ok()?;
        sum = Some(sum.unwrap_or(0).saturating_add(jobs));
    }
    sum
}
