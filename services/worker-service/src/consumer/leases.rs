//! The leases of the jobs that this process runs, which are prolonged while it does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use service_kit::chain;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use wire::Timestamp;

use crate::{db::Jobs, job::Job};

/// How often leases are prolonged: a quarter of their time, so that two failures in a row lose none.
const RENEW: Duration = Duration::from_millis(2_500);

/// All leases of a process. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Leases(Arc<Mutex<HashMap<String, Held>>>);

struct Held {
    attempts: u32,
    lost: CancellationToken,
}

/// The lease of one job, which is prolonged until this is dropped.
pub(super) struct Lease {
    leases: Leases,
    job_id: String,
    /// Cancelled when somebody else has the job.
    pub(super) lost: CancellationToken,
}

impl Leases {
    /// The lease of a job whose attempt has just begun.
    pub(super) fn hold(&self, job: &Job) -> Lease {
        let lost = CancellationToken::new();
        self.lock().insert(job.job_id.clone(), Held { attempts: job.attempts, lost: lost.clone() });
        Lease { leases: self.clone(), job_id: job.job_id.clone(), lost }
    }

    /// Prolongs what is held, again and again.
    pub(super) async fn keep_renewed(&self, jobs: &Jobs) {
        let mut ticks = interval(RENEW);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.renew(jobs).await;
        }
    }

    async fn renew(&self, jobs: &Jobs) {
        let held: Vec<_> = self.lock().iter().map(|(job_id, held)| (job_id.clone(), held.attempts)).collect();
        if held.is_empty() {
            return;
        }
        match jobs.renew(&held, Timestamp::now()).await {
            Ok(lost) => {
                let leases = self.lock();
                for lease in lost.iter().filter_map(|job_id| leases.get(job_id)) {
                    lease.lost.cancel();
                }
            }
            Err(error) => {
                warn!(error = %chain(&error), "the leases of running jobs cannot be prolonged just now")
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.lock().remove(&self.job_id);
    }
}
