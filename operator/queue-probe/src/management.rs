//! The management plugin's HTTP API.

use std::time::Duration;

use scaling::{Sample, Unknown, UnknownKind};
use serde::Deserialize;
use url::Url;

use crate::http::{BrokerHttpClient, below};
use crate::target::{Credentials, ProbeError, Target};
use crate::unknown::unknown;

/// The fields that are asked for: a queue with many consumers has a long answer otherwise.
const COLUMNS: &str = "state,messages_ready,messages_unacknowledged,consumers,message_stats";

/// One queue as the API tells it.
#[derive(Debug)]
pub(crate) struct Management {
    client: BrokerHttpClient,
    /// The queue's address at each endpoint; the one that has answered last comes first.
    urls: Vec<Url>,
}

impl Management {
    pub(crate) fn new(target: Target) -> Result<Management, ProbeError> {
        let credentials = target.credentials.unwrap_or_else(Credentials::guest);
        let client = BrokerHttpClient::new(Some(credentials), target.ca_pem.as_deref())?;
        let of_queue = |endpoint: &Url| {
            let mut url = below(endpoint, &["api", "queues", &target.vhost, &target.queue]);
            url.query_pairs_mut().append_pair("columns", COLUMNS);
            url
        };
        Ok(Management { client, urls: target.endpoints.iter().map(of_queue).collect() })
    }

    /// Asks one endpoint after another until one can be reached.
    pub(crate) async fn observe(&mut self, deadline: Duration) -> Result<Sample, Unknown> {
        let share = deadline / u32::try_from(self.urls.len()).unwrap_or(u32::MAX);
        let mut outcome = Err(unknown(UnknownKind::Unreachable, "there is no endpoint"));
        for _ in 0..self.urls.len() {
            outcome = self.client.get(self.urls[0].clone(), share).await;
            match &outcome {
                Err(failure) if failure.kind == UnknownKind::Unreachable => self.urls.rotate_left(1),
                _ => break,
            }
        }
        decode(&outcome?)
    }
}

#[derive(Deserialize)]
struct Answer {
    state: Option<String>,
    messages_ready: Option<u64>,
    messages_unacknowledged: Option<u64>,
    consumers: Option<u64>,
    message_stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Stats {
    publish: Option<u64>,
    ack: Option<u64>,
    deliver_get: Option<u64>,
    redeliver: Option<u64>,
}

/// Reads an answer.
///
/// RabbitMQ leaves out a field that it cannot tell, and `message_stats` as long as nothing has happened to the queue.
/// So without it an empty queue has counters of zero; a queue with messages (they have outlived the broker that
/// counted them, or nothing is counted at all) has counters that are not known.
fn decode(body: &str) -> Result<Sample, Unknown> {
    let incomplete = |message: String| unknown(UnknownKind::Incomplete, message);
    // RabbitMQ's list of the columns asked for, while it has counted nothing of a queue that it has just made.
    if body.trim() == "[]" {
        return Err(incomplete("the broker has no figures of the queue yet".to_owned()));
    }
    let answer: Answer = serde_json::from_str(body)
        .map_err(|error| incomplete(format!("the answer is not that of a queue: {error}")))?;
    let state = answer.state.unwrap_or_else(|| "not told".to_owned());
    let needed = |value: Option<u64>, field: &str| {
        value.ok_or_else(|| incomplete(format!("the answer has no {field}; the queue's state is {state}")))
    };
    let ready = needed(answer.messages_ready, "messages_ready")?;
    let unacked = needed(answer.messages_unacknowledged, "messages_unacknowledged")?;
    let consumers = needed(answer.consumers, "consumers")?;
    let untouched = (ready == 0 && unacked == 0).then_some(0);
    let (published, acked, delivered, redelivered) = match answer.message_stats {
        // A counter of a consumer is left out until it counts. A queue that has counters has had messages.
        Some(stats) => (
            stats.publish,
            Some(stats.ack.unwrap_or(0)),
            Some(stats.deliver_get.unwrap_or(0)),
            Some(stats.redeliver.unwrap_or(0)),
        ),
        None => (untouched, untouched, untouched, untouched),
    };
    Ok(Sample { ready, unacked: Some(unacked), consumers, published, acked, delivered, redelivered })
}
