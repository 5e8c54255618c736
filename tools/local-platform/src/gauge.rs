use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use reqwest::Client;

/// The metric of a worker that says how many jobs it is at.
const NAME: &str = "messaging_process_active";
/// A worker on this machine that needs longer has other worries.
const DEADLINE: Duration = Duration::from_secs(1);

/// Reads the gauge of jobs at work from workers' operations ports.
pub(crate) struct Gauge(Client);

impl Gauge {
    pub(crate) fn new() -> anyhow::Result<Gauge> {
        tls_provider::install();
        let client = Client::builder().timeout(DEADLINE).no_proxy().build();
        Ok(Gauge(client.context("no HTTP client can be made")?))
    }

    /// Jobs at work; `None` when the worker does not tell.
    pub(crate) async fn read(&self, operations: SocketAddr) -> Option<u64> {
        let answer = self.0.get(format!("http://{operations}/metrics")).send().await.ok()?;
        value(&answer.error_for_status().ok()?.text().await.ok()?)
    }
}

/// The gauge's value in a page of Prometheus's text format.
fn value(page: &str) -> Option<u64> {
    let line = page
        .lines()
        .find(|line| line.strip_prefix(NAME).is_some_and(|behind| behind.starts_with(['{', ' '])))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_is_found_among_others() {
        let page = "# HELP messaging_process_active Jobs\nmessaging_process_active_other 9\n\
                    messaging_process_active{service_name=\"worker-service\"} 3\nup 1\n";
        assert_eq!(value(page), Some(3));
        assert_eq!(value("messaging_process_active 0\n"), Some(0));
        assert_eq!(value("up 1\n"), None);
    }
}
