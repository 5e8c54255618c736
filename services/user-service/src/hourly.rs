//! What each replica looks after every hour: polls whose own orders were lost or that have none, links that hold no longer,
//! attempts to sign in that led to nothing, tokens and sessions that have ended, and entries of the audit trail that have been
//! kept for long enough.

use std::time::Duration;

use service_kit::{ServiceContext, chain};
use sql_store::SqlError;
use tokio::time::sleep;
use tracing::debug;
use wire::Timestamp;

use crate::db::{Accounts, AuditEntries, Erasures, Polls};

/// Polls of a release before that one transaction completes.
const AT_ONCE: u32 = 500;
/// Entries that one transaction deletes.
const ENTRIES_AT_ONCE: u32 = 5_000;

const EVERY: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is looked after.
pub(crate) struct HourlyUpkeep {
    pub(crate) polls: Polls,
    pub(crate) accounts: Accounts,
    pub(crate) erasures: Erasures,
    pub(crate) audit: AuditEntries,
    /// Days for which an entry is kept; 0 for always.
    pub(crate) audit_days: u32,
}

impl HourlyUpkeep {
    /// Does it until the service says stop.
    pub(crate) fn run(self, service: &ServiceContext) {
        let look = async move {
            loop {
                sleep(EVERY).await;
                if let Err(error) = self.once(Timestamp::now()).await {
                    debug!(error = %chain(&error), "what was lost cannot be looked for");
                }
            }
        };
        service.spawn(service.stopping.clone().run_until_cancelled_owned(look));
    }

    async fn once(&self, now: Timestamp) -> Result<(), SqlError> {
        self.polls.order_overdue(now).await?;
        while self.polls.note_missing_last_instants(now, AT_ONCE).await? {}
        self.erasures.order_overdue(now).await?;
        self.accounts.forget_sign_ins(now).await?;
        self.accounts.forget_attempts(now).await?;
        self.accounts.forget_ended_tokens(now).await?;
        if self.audit_days > 0 {
            let before = now.minus(DAY * self.audit_days);
            while self.audit.forget(before, ENTRIES_AT_ONCE).await? {}
        }
        Ok(())
    }
}
