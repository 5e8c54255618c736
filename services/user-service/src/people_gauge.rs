//! How many people there are, for the metrics.

use std::time::Duration;

use metrics::metrics;
use service_kit::{ServiceContext, chain};
use tokio::time::sleep;
use tracing::debug;

use crate::db::People;

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(30);
/// The pause after a failure, such as that the table is not there yet.
const AGAIN: Duration = Duration::from_secs(2);

metrics! {
    /// What is counted in the table.
    struct PeopleMetrics {
        /// People in the table
        stored: Gauge = "people_stored";
    }
}

/// Registers `people_stored` and counts people until the service says stop; `NaN` while that is not possible.
pub(crate) fn count_people(service: &ServiceContext, people: People) -> Result<(), prometheus::Error> {
    let PeopleMetrics { stored } = PeopleMetrics::register(&service.registry)?;
    stored.set(f64::NAN);
    let count = async move {
        loop {
            match people.count().await {
                Ok(count) => {
                    stored.set(count);
                    sleep(EVERY).await;
                }
                Err(error) => {
                    debug!(error = %chain(&error), "people cannot be counted");
                    stored.set(f64::NAN);
                    sleep(AGAIN).await;
                }
            }
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(count));
    Ok(())
}
