//! What each replica looks after every hour: polls whose own orders were lost or that have none, links that hold no longer,
//! and attempts to sign in that led to nothing.

use std::time::Duration;

use service_kit::{ServiceContext, chain};
use sql_store::SqlError;
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::db::{Accounts, Erasures, Polls};

/// Polls of a release before that one transaction completes.
const AT_ONCE: u32 = 500;

const EVERY: Duration = Duration::from_secs(60 * 60);

/// Does it until the service says stop.
pub(crate) fn look_after(service: &ServiceContext, polls: Polls, accounts: Accounts, erasures: Erasures) {
    let look = async move {
        loop {
            sleep(EVERY).await;
            if let Err(error) = once(&polls, &accounts, &erasures).await {
                debug!(error = %chain(&error), "what was lost cannot be looked for");
            }
        }
    };
    service.spawn(service.stopping.clone().run_until_cancelled_owned(look));
}

async fn once(polls: &Polls, accounts: &Accounts, erasures: &Erasures) -> Result<(), SqlError> {
    let now = Timestamp::now();
    polls.order_overdue(now).await?;
    while polls.note_missing_last_instants(now, AT_ONCE).await? {}
    erasures.order_overdue(now).await?;
    accounts.forget_sign_ins(now).await?;
    accounts.forget_attempts(now).await
}
