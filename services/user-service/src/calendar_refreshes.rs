//! When subscribed calendars are fetched: at once, then every hour, and more seldom while that fails. Each fetch is ordered
//! with what came of the one before; what got lost on the way is ordered here.

use std::time::Duration;

use service_kit::{ServiceContext, chain};
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::db::People;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Longest pause between two fetches.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// By up to this part pauses differ, so that what was subscribed to together is not fetched together for ever.
const SPREAD: f64 = 0.05;
/// How often lost orders are looked for.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// A fetch of which nothing has come for so long is lost: a job is tried for some minutes, and may have waited before.
const LOST: Duration = Duration::from_secs(2 * 60 * 60);

/// The pause after so many failures in a row; `jitter` is in `0.0..1.0`.
pub(crate) fn pause(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let pause = HOUR.saturating_mul(1 << doublings).min(LONGEST);
    pause.mul_f64(1.0 + SPREAD * jitter.clamp(0.0, 1.0))
}

/// Orders what was lost until the service says stop.
pub(crate) fn order_lost_refreshes(service: &ServiceContext, people: People) {
    let order = async move {
        loop {
            let now = Timestamp::now();
            match people.order_lost_refreshes(now, now.minus(LOST)).await {
                Ok(true) => continue,
                Ok(false) => (),
                Err(error) => debug!(error = %chain(&error), "lost fetches of calendars cannot be ordered"),
            }
            sleep(EVERY).await;
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(order));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_an_hour_and_double_up_to_a_day_while_it_fails() {
        let hours = |failures| pause(failures, 0.0).as_secs() / 3600;
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, u32::MAX].map(hours), [1, 1, 2, 4, 8, 16, 24, 24, 24]);
        assert_eq!(pause(0, 1.0), HOUR.mul_f64(1.05));
    }
}
