//! How many people and polls there are, for the metrics.

use std::time::Duration;

use metrics::{metrics, prometheus::Gauge};
use service_kit::{ServiceContext, chain};
use sql_store::SqlError;
use tokio::time::sleep;
use tracing::debug;

use crate::db::{People, Polls};

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(30);
/// The pause after a failure, such as that the table is not there yet.
const AGAIN: Duration = Duration::from_secs(2);

metrics! {
    /// What is counted in the tables.
    struct StoredMetrics {
        /// People in the table
        people: Gauge = "people_stored";
        /// Polls in the table
        polls: Gauge = "polls_stored";
    }
}

/// Registers the gauges and counts until the service says stop; they are `NaN` while that is not possible.
pub(crate) fn count_stored(
    service: &ServiceContext,
    people: People,
    polls: Polls,
) -> Result<(), prometheus::Error> {
    let metrics = StoredMetrics::register(&service.registry)?;
    keep_counting(service, metrics.people, move || {
        let people = people.clone();
        async move { people.count().await }
    });
    keep_counting(service, metrics.polls, move || {
        let polls = polls.clone();
        async move { polls.count().await }
    });
    Ok(())
}

fn keep_counting<C>(service: &ServiceContext, gauge: Gauge, count: impl Fn() -> C + Send + Sync + 'static)
where
    C: Future<Output = Result<f64, SqlError>> + Send + 'static,
{
    gauge.set(f64::NAN);
    let keep = async move {
        loop {
            match count().await {
                Ok(number) => {
                    gauge.set(number);
                    sleep(EVERY).await;
                }
                Err(error) => {
                    debug!(error = %chain(&error), "a table cannot be counted");
                    gauge.set(f64::NAN);
                    sleep(AGAIN).await;
                }
            }
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(keep));
}
