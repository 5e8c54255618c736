//! Tells the cache of the changes that it could not be told of when they were made, and renews the lease.

use std::{sync::atomic::Ordering, time::Instant};

use futures::{StreamExt, stream};
use sql_store::{Outage, SqlError};
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::Directory;
use crate::{
    cache::{Cache, CacheError, Fence},
    db::{People, StaleKey},
    key::Key,
};

/// Most undecided changes that are looked at at a time: each takes a connection to the database, perhaps for long.
const SETTLED_AT_ONCE: usize = 4;

pub(super) enum SweepError {
    /// It has told of it itself, or other servers of it are used.
    Cache,
    Database(SqlError),
}

impl From<CacheError> for SweepError {
    fn from(_: CacheError) -> SweepError {
        SweepError::Cache
    }
}

impl From<SqlError> for SweepError {
    fn from(error: SqlError) -> SweepError {
        SweepError::Database(error)
    }
}

impl Directory {
    /// Sweeps again and again, and at once when the connection to the cache was lost or a change waits for a sweep.
    /// Only a cache that others share can miss a change.
    pub(super) async fn keep_sweeping(&self) {
        let Cache::Redis(cache) = &self.shared.cache else { return };
        loop {
            // From start to start; after one that took longer the next one follows at once.
            let next = tokio::time::Instant::now() + self.shared.tuning.sweep_every;
            self.sweep_once().await;
            self.shared.prepared.store(true, Ordering::Release);
            cache.show_use(self.uses_cache());
            tokio::select! {
                () = sleep_until(next) => (),
                () = cache.disconnected() => (),
                () = self.shared.sweep_wanted.notified() => (),
            }
        }
    }

    /// Connects to the cache if need be, drops from it what is noted as stale, and renews the lease.
    pub(super) async fn sweep_once(&self) {
        let (cache, lease) = (&self.shared.cache, &self.shared.lease);
        if let Cache::Redis(cache) = cache
            && !cache.is_connected()
            && let Err(error) = self.connect(cache).await
        {
            if let SweepError::Database(error) = error {
                tracing::debug!(error = %service_kit::chain(&error), "it is not known which servers of the cache are used");
            }
            return;
        }
        let start = Instant::now();
        match self.sweep().await {
            Ok(()) => lease.renew(start),
            Err(SweepError::Database(error)) if error.outage() == Some(Outage::Unreachable) => {
                lease.extend(start)
            }
            // A slow database may be one in which others are changing people: the lease runs out.
            Err(SweepError::Database(error)) if error.is_unavailable() => (),
            Err(SweepError::Database(error)) => {
                tracing::error!(error = %service_kit::chain(&error), "stale keys cannot be swept");
            }
            Err(SweepError::Cache) => (),
        }
    }

    async fn sweep(&self) -> Result<(), SweepError> {
        let people = &self.shared.people;
        loop {
            let stale = people.stale_keys().await?;
            // After they were read: whoever uses other servers later reads after the changes that are noted here.
            self.check_agreement().await?;
            if stale.is_empty() {
                return Ok(());
            }
            let fences = stale.iter().map(|StaleKey { key, mark }| (key, mark.as_str()));
            self.shared.cache.lift(fences).await?;
            people.forget_stale(&stale).await?;
            if stale.len() < People::STALE_KEYS {
                return Ok(());
            }
        }
    }

    /// Takes care, again and again, of changes whose commit got no answer.
    pub(super) async fn keep_settling(&self) {
        let mut ticks = interval(self.shared.tuning.sweep_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.settle_once().await;
        }
    }

    /// Keeps the fences of undecided changes up, and lifts those of changes that are decided now. What was not fenced
    /// is noted as stale in the change itself. A change that cannot be settled yet does not keep the others waiting.
    pub(super) async fn settle_once(&self) {
        let unsettled: Vec<(Key, Fence)> =
            self.shared.unsettled.lock().iter().map(|(key, fence)| (key.clone(), fence.clone())).collect();
        let settle = async |(key, fence): (Key, Fence)| {
            let cache = &self.shared.cache;
            let raised = cache.is_connected() && cache.raise(&key, &fence).await.is_ok();
            if raised
                && self.shared.people.settle(&key).await.is_ok()
                && cache.lift([(&key, fence.as_str())]).await.is_ok()
                && self.is_on_agreed_servers()
            {
                // Not a later change of the same person, which may have become undecided meanwhile.
                self.shared.unsettled.lock().retain(|of, undecided| (of, &*undecided) != (&key, &fence));
            }
        };
        stream::iter(unsettled).for_each_concurrent(SETTLED_AT_ONCE, settle).await;
    }
}
