//! The people, read through the cache and written around it, so that the next read on every replica sees a change.
//!
//! How a reader and a writer of one person stay out of each other's way is told in [`crate::cache`]. What remains is
//! a cache that cannot be told of a change. Then the change's own transaction notes the person in `stale_keys`, and
//! every replica sweeps that table: it drops what is noted there from the cache and takes the note away. A replica
//! trusts the cache for [`Timing::lease`] from the start of its last complete sweep, and a writer who could not tell
//! the cache waits as long before it answers. So a replica that can still reach the cache has swept by then, or asks
//! the database. The price of a lost Redis is time, of reads and of writes.
//!
//! While the database is away nobody can sweep, but nobody can change anything either: trust is then prolonged, and
//! cached reads go on.

mod flights;
mod heal;
mod read;
mod steps;
#[cfg(test)]
mod tests;
mod trust;
mod write;

pub(crate) use write::Created;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sql_store::SqlError;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    cache::{Cache, CacheError, Token},
    db::{ChangeError, People},
    key::Key,
    metrics::CacheMetrics,
};
use flights::Flights;
use steps::Steps;
use trust::Trust;

/// Why the directory could not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    /// The database could not.
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
    /// Whether asking again later may help.
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

/// How long things take around a shared cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Pause between two sweeps.
    pub(crate) sweep_every: Duration,
    /// How long a sweep but the first waits for the database before it takes it to be away.
    pub(crate) sweep_deadline: Duration,
    /// How long the cache is trusted from the start of a sweep. Longer by far than two sweeps that wait for their whole
    /// deadline, or trust lapses while the database is away and the machine is busy.
    pub(crate) lease: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            sweep_every: Duration::from_millis(200),
            sweep_deadline: Duration::from_millis(250),
            lease: Duration::from_millis(1_500),
        }
    }
}

/// The people. Clones are the same directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    people: People,
    cache: Cache,
    timing: Timing,
    trust: Trust,
    /// Whether the first sweep is over; before, all readers go past the cache.
    prepared: AtomicBool,
    /// The connection to the cache has been given up, and nobody makes another but a sweep.
    broken: Notify,
    flights: Flights,
    /// People whose last change got no answer to its commit, with the fence that stays up until it is decided.
    unsettled: Mutex<HashMap<Key, Token>>,
    metrics: CacheMetrics,
    tasks: TaskTracker,
    steps: Steps,
}

impl Directory {
    /// A directory whose work is done in `tasks`, so that it is finished whether or not anybody waits for it.
    pub(crate) fn new(
        people: People,
        cache: Cache,
        timing: Timing,
        metrics: CacheMetrics,
        tasks: TaskTracker,
    ) -> Directory {
        Directory::with_steps(people, cache, timing, metrics, tasks, Steps::default())
    }

    fn with_steps(
        people: People,
        cache: Cache,
        timing: Timing,
        metrics: CacheMetrics,
        tasks: TaskTracker,
        steps: Steps,
    ) -> Directory {
        let trust = match cache {
            Cache::Redis(_) => Trust::on_lease(),
            Cache::Memory(_) => Trust::full(),
            Cache::Off => Trust::none(),
        };
        let shared = Shared {
            prepared: AtomicBool::new(!matches!(cache, Cache::Redis(_))),
            broken: Notify::new(),
            flights: Flights::default(),
            unsettled: Mutex::default(),
            people,
            cache,
            timing,
            trust,
            metrics,
            tasks,
            steps,
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
        self.shared.trust.holds() && self.shared.cache.is_connected()
    }

    /// Whether it has looked for the cache, and uses it if that and the database were there.
    pub(crate) fn is_prepared(&self) -> bool {
        self.shared.prepared.load(Ordering::Acquire)
    }

    /// Asks the cache for a sign of life. A connection that gives none is replaced, also when nobody reads or writes.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn ping_cache(&self) -> Result<Duration, CacheError> {
        self.shared.cache.ping().await.inspect_err(|error| self.distrust(error))
    }

    /// Starts what keeps the cache and the database together, until `stopping`.
    pub(crate) fn start_healing(&self, stopping: &CancellationToken) {
        let (sweeper, settler) = (self.clone(), self.clone());
        let (until, too) = (stopping.clone(), stopping.clone());
        self.shared
            .tasks
            .spawn(until.run_until_cancelled_owned(async move { sweeper.keep_sweeping().await }));
        self.shared.tasks.spawn(too.run_until_cancelled_owned(async move { settler.keep_settling().await }));
    }

    /// Runs `work` to its end, even when the request that waits for it is given up.
    async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DirectoryError>> + Send + 'static,
    ) -> Result<T, DirectoryError> {
        self.shared.tasks.spawn(work.in_current_span()).await.unwrap_or(Err(DirectoryError::BrokenOff))
    }

    /// Stops using the cache after an error, until a sweep has a new connection, which it is to make at once.
    fn distrust(&self, error: &CacheError) {
        if self.shared.cache.disconnect() {
            self.shared.broken.notify_one();
            tracing::warn!(error = %service_kit::chain(error), "the cache is not used for now");
        }
    }

    fn unsettled(&self) -> MutexGuard<'_, HashMap<Key, Token>> {
        self.shared.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
