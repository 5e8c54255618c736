//! The leases of the jobs that this process runs, which are prolonged while it does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
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
        self.0.lock().insert(job.job_id.clone(), Held { attempts: job.attempts, lost: lost.clone() });
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
        let held: Vec<_> =
            self.0.lock().iter().map(|(job_id, held)| (job_id.clone(), held.attempts)).collect();
        if held.is_empty() {
            return;
        }
        match jobs.renew(&held, Timestamp::now()).await {
            Ok(lost) => {
                let leases = self.0.lock();
                for lease in lost.iter().filter_map(|job_id| leases.get(job_id)) {
                    lease.lost.cancel();
                }
            }
            Err(error) => {
                warn!(error = %chain(&error), "the leases of running jobs cannot be prolonged just now")
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.0.lock().remove(&self.job_id);
    }
}
