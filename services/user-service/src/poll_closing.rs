//! Tells of polls whose deadline has come: they get a new version, so that whoever has seen the old one reads again, and
//! whoever listens hears of it. That they take no more answers does not wait for this.

use std::time::Duration;

use service_kit::{ServiceContext, chain};
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::{db::Polls, live::Live};

/// How often deadlines are looked for.
const EVERY: Duration = Duration::from_secs(2);

/// Closes polls until the service says stop.
pub(crate) fn close_polls(service: &ServiceContext, polls: Polls, live: Live) {
    let close = async move {
        loop {
            match polls.close_due(Timestamp::now().micros()).await {
                Ok(closed) if !closed.is_empty() => {
                    closed.iter().for_each(|poll| live.changed(poll));
                    continue;
                }
                Ok(_) => (),
                Err(error) => debug!(error = %chain(&error), "polls cannot be closed"),
            }
            sleep(EVERY).await;
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(close));
}
