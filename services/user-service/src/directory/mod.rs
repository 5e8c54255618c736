//! The people, read through the cache and written around it, so that the next read on every replica sees a change.
//!
//! How a reader and a writer of one person stay out of each other's way is told in [`crate::cache`]. What remains is
//! a writer who cannot tell the cache of its change. Then the change's own transaction notes the person in
//! `stale_keys`, and every replica sweeps that table: it drops what is noted there from the cache and takes the note
//! away. A replica may use the cache for [`Tuning::lease`] from the start of its last complete sweep, and a writer who
//! could not tell the cache waits as long before it answers. So a replica that can still reach the cache has swept by
//! then, or asks the database. The price of a lost Redis is time, of reads and of writes.
//!
//! While the database cannot be reached nobody can sweep, but nobody can change anything either: the lease is then
//! extended, and cached reads go on. A database that is only slow extends nothing.
//!
//! Where one server of the cache may take over from another, the database also says which one is used: see `agreement`.

mod agreement;
mod cache_lease;
pub(crate) mod failpoints;
mod read;
mod schedule;
mod singleflight;
mod sweeper;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use write::Created;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use sql_store::SqlError;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    cache::{Cache, Fence},
    db::{ChangeError, People},
    key::Key,
    metrics::CacheMetrics,
};
use cache_lease::CacheLease;
use failpoints::Failpoints;
use singleflight::Singleflight;

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("the database failed")]
    Database(#[source] Arc<SqlError>),
    /// The person is another than the client has seen.
    #[error("the conditions of the request do not hold")]
    PreconditionFailed,
    /// Its task ended before its work, which a panic or the end of the process makes it do.
    #[error("the work was broken off")]
    BrokenOff,
}

impl DirectoryError {
    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self, DirectoryError::Database(error) if error.is_unavailable())
    }

    /// Whether too many ask the database, and nothing else is wrong.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, DirectoryError::Database(error) if error.is_busy())
    }
}

impl From<SqlError> for DirectoryError {
    fn from(error: SqlError) -> DirectoryError {
        DirectoryError::Database(Arc::new(error))
    }
}

impl From<ChangeError> for DirectoryError {
    fn from(error: ChangeError) -> DirectoryError {
        match error {
            ChangeError::PreconditionFailed => DirectoryError::PreconditionFailed,
            ChangeError::Sql(error) => error.into(),
        }
    }
}

/// How the cache and the database are kept together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    /// Time from the start of a sweep to the next one.
    pub(crate) sweep_every: Duration,
    /// How long the cache may be used from the start of a complete sweep, and so the longest wait of a writer who
    /// cannot tell it of a change. Several times as long as a sweep takes, or it runs out on a busy machine.
    pub(crate) lease: Duration,
    /// Most queries of readers at a time.
    pub(crate) queries: usize,
}

impl Tuning {
    /// With half of so many connections to the database for readers.
    pub(crate) fn for_connections(connections: u32) -> Tuning {
        Tuning {
            sweep_every: Duration::from_millis(200),
            lease: Duration::from_millis(1_500),
            queries: usize::try_from(connections / 2).unwrap_or(usize::MAX),
        }
    }
}

/// The people. Clones are the same directory.
#[derive(Clone)]
pub(crate) struct Directory {
    shared: Arc<Shared>,
}

struct Shared {
    people: People,
    cache: Cache,
    tuning: Tuning,
    lease: CacheLease,
    /// Whether the first sweep is over; before, all readers go past the cache.
    prepared: AtomicBool,
    sweep_wanted: Notify,
    singleflight: Singleflight,
    /// People whose last change got no answer to its commit, with the fence that stays up until it is decided.
    unsettled: Mutex<HashMap<Key, Fence>>,
    metrics: CacheMetrics,
    tasks: TaskTracker,
    failpoints: Failpoints,
}

impl Directory {
    /// A directory whose work is done in `tasks`, so that it is finished whether or not anybody waits for it.
    pub(crate) fn new(
        people: People,
        cache: Cache,
        tuning: Tuning,
        metrics: CacheMetrics,
        tasks: TaskTracker,
        failpoints: Failpoints,
    ) -> Directory {
        let lease = match cache {
            Cache::Memory(_) => CacheLease::unlimited(tuning.lease),
            Cache::Redis(_) | Cache::Off => CacheLease::new(tuning.lease),
        };
        let shared = Shared {
            prepared: AtomicBool::new(!matches!(cache, Cache::Redis(_))),
            sweep_wanted: Notify::new(),
            singleflight: Singleflight::new(tuning.queries),
            unsettled: Mutex::default(),
            people,
            cache,
            tuning,
            lease,
            metrics,
            tasks,
            failpoints,
        };
        Directory { shared: Arc::new(shared) }
    }

    pub(crate) fn people(&self) -> &People {
        &self.shared.people
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    /// Whether reads go through the cache just now.
    pub(crate) fn uses_cache(&self) -> bool {
        self.shared.lease.is_held() && self.shared.cache.is_connected()
    }

    /// Whether it has looked for the cache, and uses it if that and the database were there.
    pub(crate) fn is_prepared(&self) -> bool {
        self.shared.prepared.load(Ordering::Acquire)
    }

    /// Keeps the cache and the database together, until `stopping`.
    pub(crate) async fn keep_together(self, stopping: CancellationToken) {
        let work = async { tokio::join!(self.keep_sweeping(), self.keep_settling()) };
        stopping.run_until_cancelled(work).await;
    }

    /// Runs `work` to its end, even when the request that waits for it is given up.
    async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DirectoryError>> + Send + 'static,
    ) -> Result<T, DirectoryError> {
        self.shared.tasks.spawn(work.in_current_span()).await.unwrap_or(Err(DirectoryError::BrokenOff))
    }
}
