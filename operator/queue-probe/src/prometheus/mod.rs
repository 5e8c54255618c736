//! `/metrics/detailed` of the Prometheus plugin, summed over the nodes.

mod page;
mod totals;

use std::time::Duration;

use futures::future::try_join_all;
use scaling::{Sample, Unknown, UnknownKind};
use url::Url;

use crate::http::{BrokerHttpClient, authority, below};
use crate::target::{ProbeError, Target};
use crate::unknown::unknown;
use page::Page;
use totals::Totals;

/// What is asked for: depth and consumers of queues, and what channels have done with queues.
const FAMILIES: [&str; 4] = [
    "queue_coarse_metrics",
    "queue_consumer_count",
    "channel_queue_metrics",
    "channel_queue_exchange_metrics",
];

/// One queue as all nodes together tell it.
#[derive(Debug)]
pub(crate) struct Prometheus {
    client: BrokerHttpClient,
    vhost: String,
    queue: String,
    /// One for each node.
    urls: Vec<Url>,
    published: Totals,
    acked: Totals,
    delivered: Totals,
    redelivered: Totals,
}

impl Prometheus {
    pub(crate) fn new(target: Target) -> Result<Prometheus, ProbeError> {
        let client = BrokerHttpClient::new(target.credentials, target.ca_pem.as_deref())?;
        let of_vhost = |endpoint: &Url| {
            let mut url = below(endpoint, &["metrics", "detailed"]);
            url.query_pairs_mut()
                .extend_pairs(FAMILIES.map(|family| ("family", family)))
                .append_pair("vhost", &target.vhost);
            url
        };
        Ok(Prometheus {
            client,
            urls: target.endpoints.iter().map(of_vhost).collect(),
            vhost: target.vhost,
            queue: target.queue,
            published: Totals::default(),
            acked: Totals::default(),
            delivered: Totals::default(),
            redelivered: Totals::default(),
        })
    }

    /// Asks all nodes at once. One that does not answer may have been the one with the queue, so then nothing is known.
    pub(crate) async fn observe(&mut self, deadline: Duration) -> Result<Sample, Unknown> {
        let answers = self.urls.iter().map(|url| self.client.get(url.clone(), deadline));
        let answers = try_join_all(answers).await?;
        let mut page = Page::default();
        for (answer, url) in answers.iter().zip(&self.urls) {
            page.read(&authority(url), answer, &self.vhost, &self.queue);
        }
        self.sample(page)
    }

    fn sample(&mut self, page: Page) -> Result<Sample, Unknown> {
        let (ready, unacked, consumers) = match (page.ready, page.unacked, page.consumers) {
            (Some(ready), Some(unacked), Some(consumers)) => (ready, unacked, consumers),
            (None, None, None) => {
                let message = "no endpoint tells of such a queue: there is none, or its node is not asked";
                return Err(unknown(UnknownKind::NotFound, message));
            }
            (ready, unacked, _) => {
                let missing = match (ready, unacked) {
                    (None, _) => "messages_ready",
                    (_, None) => "messages_unacked",
                    _ => "consumers",
                };
                return Err(unknown(UnknownKind::Incomplete, format!("the answers have no queue_{missing}")));
            }
        };
        Ok(Sample {
            ready,
            unacked: Some(unacked),
            consumers,
            published: Some(self.published.add(page.published)),
            acked: Some(self.acked.add(page.acked)),
            delivered: Some(self.delivered.add(page.delivered)),
            redelivered: Some(self.redelivered.add(page.redelivered)),
        })
    }
}
