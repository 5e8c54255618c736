use std::{mem, sync::Arc, time::Duration};

use metrics::metrics;
use moka::sync::Cache;
use parking_lot::Mutex;
use retry::Backoff;
use tokio::{runtime::Handle, time::sleep};
use tracing::warn;
use wire::{AuditEntriesRequest, AuditEntry, CaseId};

use super::AuditSink;
use crate::{ApiError, RequestContext, ServiceContext, chain};

/// Entries of so long a time are written together.
const TOGETHER: Duration = Duration::from_secs(1);
/// Most entries that wait to be written; of more the new ones are lost.
const MOST_WAITING: usize = 10_000;
/// Who reads the same again within this time has one entry for it: pages read anew whenever something changes.
const SAME_READING: Duration = Duration::from_secs(60);
/// Most readings that are told from others.
const MOST_READINGS: u64 = 10_000;
/// Between attempts to write entries.
const BETWEEN_ATTEMPTS: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));

metrics! {
    /// What became of entries of the audit trail.
    struct AuditMetrics {
        /// Entries that were written
        written: IntCounter = "audit_entries_written_total";
        /// Entries that could not be written, and are in no trail
        lost: IntCounter = "audit_entries_lost_total";
    }
}

/// The entries of a service on their way to where they are kept. Clones are the same.
#[derive(Clone)]
pub struct AuditTrail(Arc<Inner>);

struct Inner {
    service: ServiceContext,
    sink: Arc<dyn AuditSink>,
    waiting: Mutex<Waiting>,
    readings: Cache<String, ()>,
    metrics: AuditMetrics,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<AuditEntry>,
    /// Whether there is a task that writes them.
    are_written: bool,
}

impl AuditTrail {
    /// A trail that is kept in `sink`. The process waits at its end until all entries are there, or cannot be for now.
    ///
    /// # Errors
    /// When the service's registry has such metrics already.
    pub fn new(service: &ServiceContext, sink: Arc<dyn AuditSink>) -> Result<AuditTrail, prometheus::Error> {
        Ok(AuditTrail(Arc::new(Inner {
            service: service.clone(),
            sink,
            waiting: Mutex::default(),
            readings: Cache::builder().max_capacity(MOST_READINGS).time_to_live(SAME_READING).build(),
            metrics: AuditMetrics::register(&service.registry)?,
        })))
    }

    pub(crate) fn sink(&self) -> Arc<dyn AuditSink> {
        self.0.sink.clone()
    }

    /// Has an entry written, unless it is a reading like one of the last minute.
    pub(crate) fn note(&self, entry: AuditEntry, only_reads: bool) {
        if only_reads && !self.0.is_new_reading(&entry) {
            return;
        }
        // Without a runtime the process has ended, and this is what was broken off by that.
        if Handle::try_current().is_err() {
            return;
        }
        let mut waiting = self.0.waiting.lock();
        if waiting.entries.len() >= MOST_WAITING {
            self.0.metrics.lost.inc();
            return;
        }
        waiting.entries.push(entry);
        if !mem::replace(&mut waiting.are_written, true) {
            self.0.service.spawn(self.0.clone().write());
        }
    }
}

impl Inner {
    fn is_new_reading(&self, entry: &AuditEntry) -> bool {
        let AuditEntry { account_id, route, object_id, people, status, .. } = entry;
        let reading = format!("{account_id} {route} {object_id:?} {people:?} {status:?}");
        self.readings.entry(reading).or_insert(()).is_fresh()
    }

    /// Writes what waits until nothing does.
    async fn write(self: Arc<Self>) {
        loop {
            if self.waiting.lock().entries.len() < AuditEntriesRequest::MAX {
                self.service.stopping.run_until_cancelled(sleep(TOGETHER)).await;
            }
            let batch = self.waiting.lock().batch();
            if batch.entries.is_empty() {
                return;
            }
            let count = batch.entries.len() as u64;
            match self.store(&batch).await {
                Ok(()) => self.metrics.written.inc_by(count),
                Err(error) => {
                    warn!(count, error = %chain(&error), "entries of the audit trail are lost");
                    self.metrics.lost.inc_by(count);
                }
            }
        }
    }

    /// Attempts it until it is done, or will never be; once more when the process is told to stop.
    async fn store(&self, batch: &AuditEntriesRequest) -> Result<(), ApiError> {
        let context = RequestContext::of_background(CaseId::fresh());
        let attempt = || self.sink.store(&context, batch);
        let is_temporary = |error: &ApiError| error.status().as_u16() == 503;
        let report = |error: &ApiError, pause| {
            warn!(error = %chain(error), ?pause, "the audit trail cannot be written for now");
        };
        let stored = BETWEEN_ATTEMPTS.retry(&self.service.stopping, attempt, is_temporary, report).await;
        match stored {
            Some(stored) => stored,
            None => self.sink.store(&context, batch).await,
        }
    }
}

impl Waiting {
    /// The next entries that are written together. When there are none, nobody writes any more.
    fn batch(&mut self) -> AuditEntriesRequest {
        let mut people = 0;
        let fits = |entry: &&AuditEntry| {
            people += entry.people.len();
            people <= AuditEntriesRequest::MAX_PEOPLE
        };
        let number = self.entries.iter().take(AuditEntriesRequest::MAX).take_while(fits).count();
        let number = number.max(1).min(self.entries.len());
        self.are_written = number > 0;
        AuditEntriesRequest { entries: self.entries.drain(..number).collect() }
    }
}
