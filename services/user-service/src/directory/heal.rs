//! What keeps the cache and the database together after one of them was away.

use std::{sync::atomic::Ordering, time::Instant};

use futures::future::join_all;
use sql_store::SqlError;
use tokio::time::{MissedTickBehavior, interval, timeout, timeout_at};

use super::Directory;
use crate::{
    cache::{Cache, CacheError, Token},
    db::{People, StaleKey},
    key::Key,
};

/// Why a sweep was not complete.
enum SweepError {
    Cache(CacheError),
    /// The database was away.
    Database,
}

impl From<CacheError> for SweepError {
    fn from(error: CacheError) -> SweepError {
        SweepError::Cache(error)
    }
}

impl Directory {
    /// Sweeps again and again. Only a cache that others share can miss a change.
    pub(super) async fn keep_sweeping(&self) {
        if !matches!(self.shared.cache, Cache::Redis(_)) {
            return;
        }
        loop {
            // From start to start; one that waited for the database longer than that is followed by the next at once.
            let next = tokio::time::Instant::now() + self.shared.timing.sweep_every;
            self.sweep_once().await;
            self.shared.prepared.store(true, Ordering::Release);
            self.shared.metrics.trusted(self.uses_cache());
            // It has ended when the time was up or the cache is to be looked for again; both go on.
            let _ = timeout_at(next, self.shared.broken.notified()).await;
        }
    }

    /// Connects to the cache if need be, drops from it what is noted as stale, and trusts it again.
    pub(super) async fn sweep_once(&self) {
        let (trust, lease) = (&self.shared.trust, self.shared.timing.lease);
        if !self.shared.cache.is_connected() {
            if let Err(error) = self.shared.cache.connect().await {
                tracing::debug!(error = %service_kit::chain(&error), "the cache cannot be reached");
                return;
            }
            tracing::info!("the cache can be reached");
        }
        let start = Instant::now();
        match self.sweep().await {
            Ok(()) => trust.grant(start, lease),
            Err(SweepError::Database) => trust.prolong(start, lease),
            Err(SweepError::Cache(error)) => self.distrust(&error),
        }
    }

    async fn sweep(&self) -> Result<(), SweepError> {
        loop {
            let stale = self.ask(self.shared.people.stale_keys()).await?;
            if stale.is_empty() {
                return Ok(());
            }
            let fences = stale.iter().map(|StaleKey { key, mark }| (key, mark.as_str()));
            self.shared.cache.lift(fences).await?;
            self.ask(self.shared.people.forget_stale(&stale)).await?;
            if stale.len() < People::STALE_KEYS {
                return Ok(());
            }
        }
    }

    async fn ask<T>(&self, answer: impl Future<Output = Result<T, SqlError>>) -> Result<T, SweepError> {
        // Before the first answer nothing is trusted yet that could be prolonged: it is waited for as long as any other.
        let answer = match self.is_prepared() {
            true => timeout(self.shared.timing.sweep_deadline, answer).await,
            false => Ok(answer.await),
        };
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if !error.is_unavailable() => {
                tracing::error!(error = %service_kit::chain(&error), "stale keys cannot be swept");
                Err(SweepError::Database)
            }
            Ok(Err(_)) | Err(_) => Err(SweepError::Database),
        }
    }

    /// Takes care, again and again, of changes whose commit got no answer.
    pub(super) async fn keep_settling(&self) {
        let mut ticks = interval(self.shared.timing.sweep_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.settle_once().await;
        }
    }

    /// Keeps the fences of undecided changes up, and lifts those of changes that are decided now. What was not fenced
    /// is noted as stale in the change itself.
    pub(super) async fn settle_once(&self) {
        let unsettled: Vec<(Key, Token)> =
            self.unsettled().iter().map(|(key, token)| (key.clone(), token.clone())).collect();
        if unsettled.is_empty() || !self.shared.cache.is_connected() {
            return;
        }
        for (key, token) in &unsettled {
            if let Err(error) = self.shared.cache.fence(key, token).await {
                return self.distrust(&error);
            }
        }
        // Each by itself: a row that somebody keeps locked holds up nobody else's.
        let settling = unsettled.iter().map(async |(key, token)| {
            if self.shared.people.settle(key).await.is_err() {
                return;
            }
            if let Err(error) = self.shared.cache.lift([(key, token.as_str())]).await {
                return self.distrust(&error);
            }
            // A later change of the same person may have become undecided meanwhile.
            let mut unsettled = self.unsettled();
            if unsettled.get(key) == Some(token) {
                unsettled.remove(key);
            }
        });
        join_all(settling).await;
    }
}
