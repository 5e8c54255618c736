use std::collections::HashMap;

use prometheus_text::{Sample, samples};

/// What the endpoints say of one queue. A gauge that no endpoint has is `None`; those of several are added up.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) ready: Option<u64>,
    pub(super) unacked: Option<u64>,
    pub(super) consumers: Option<u64>,
    pub(super) published: HashMap<String, u64>,
    pub(super) acked: HashMap<String, u64>,
    pub(super) delivered: HashMap<String, u64>,
    pub(super) redelivered: HashMap<String, u64>,
}

impl Page {
    /// Takes over what `text`, the answer of one node, says of the queue.
    pub(super) fn read(&mut self, node: &str, text: &str, vhost: &str, queue: &str) {
        for sample in samples(text) {
            let Some(metric) = sample.name.strip_prefix("rabbitmq_detailed_") else { continue };
            let in_vhost = sample.label("vhost").or_else(|| sample.label("queue_vhost")) == Some(vhost);
            if !in_vhost || sample.label("queue") != Some(queue) {
                continue;
            }
            let Some(count) = sample.count() else { continue };
            match metric {
                "queue_messages_ready" => add(&mut self.ready, count),
                "queue_messages_unacked" => add(&mut self.unacked, count),
                "queue_consumers" => add(&mut self.consumers, count),
                _ => self.count(metric, node, &sample, count),
            }
        }
    }

    fn count(&mut self, metric: &str, node: &str, sample: &Sample<'_>, count: u64) {
        let counter = match metric {
            "queue_messages_published_total" => &mut self.published,
            "channel_messages_acked_total" => &mut self.acked,
            "channel_messages_delivered_total"
            | "channel_messages_delivered_ack_total"
            | "channel_get_total"
            | "channel_get_ack_total" => &mut self.delivered,
            "channel_messages_redelivered_total" => &mut self.redelivered,
            _ => return,
        };
        let label = |name| sample.label(name).unwrap_or_default();
        let series = [node, metric, label("channel"), label("exchange_vhost"), label("exchange")].join("\n");
        counter.insert(series, count);
    }
}

fn add(sum: &mut Option<u64>, count: u64) {
    *sum = Some(sum.unwrap_or(0) + count);
}
