//! How many mails wait, and how long, for the metrics.

use std::time::Duration;

use metrics::metrics;
use service_kit::{ServiceContext, chain};
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::db::{Mails, WaitingMails};

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(15);

metrics! {
    /// What is known of mails that are still to be sent.
    struct WaitingMetrics {
        /// Mails that are still to be sent
        waiting: Gauge = "mails_waiting";
        /// Time since the oldest of these was written
        age: Gauge = "mails_waiting_oldest_age_seconds";
    }
}

/// Registers the gauges and counts until the service says stop; they are `NaN` while that is not possible.
pub(crate) fn count_mails(service: &ServiceContext, mails: Mails) -> Result<(), prometheus::Error> {
    let metrics = WaitingMetrics::register(&service.registry)?;
    let keep = async move {
        loop {
            let (waiting, age) = match mails.waiting().await {
                Ok(waiting) => (waiting.count, age(waiting)),
                Err(error) => {
                    debug!(error = %chain(&error), "mails cannot be counted");
                    (f64::NAN, f64::NAN)
                }
            };
            metrics.waiting.set(waiting);
            metrics.age.set(age);
            sleep(EVERY).await;
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(keep));
    Ok(())
}

/// In seconds; 0 where none waits.
fn age(waiting: WaitingMails) -> f64 {
    let since = waiting.since_us.map_or(0, |since_us| Timestamp::now().micros().saturating_sub(since_us));
    Duration::from_micros(u64::try_from(since).unwrap_or_default()).as_secs_f64()
}
