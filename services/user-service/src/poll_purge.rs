//! Takes away polls for good when they can no longer be restored.

use std::time::Duration;

use service_kit::{ServiceContext, chain};
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::{db::Polls, polls::RESTORABLE};

/// How often deleted polls are looked for.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// Purges until the service says stop.
pub(crate) fn purge_polls(service: &ServiceContext, polls: Polls) {
    let purge = async move {
        loop {
            match polls.purge(Timestamp::now().minus(RESTORABLE).micros()).await {
                Ok(true) => continue,
                Ok(false) => (),
                Err(error) => debug!(error = %chain(&error), "deleted polls cannot be purged"),
            }
            sleep(EVERY).await;
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(purge));
}
