use std::fmt;
use std::time::Duration;

/// One answer of the broker about one queue. Counters are totals since some start; `None` means that this
/// source cannot tell, which is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    /// Messages that wait for a worker.
    pub ready: u64,
    /// Messages that a worker has and has not acknowledged. AMQP's passive declare does not tell.
    pub unacked: Option<u64>,
    pub consumers: u64,
    /// Messages that have come.
    pub published: Option<u64>,
    /// Messages that workers have acknowledged.
    pub acked: Option<u64>,
    /// Deliveries to workers, repeated ones too.
    pub delivered: Option<u64>,
    /// Deliveries that were not the first of their message.
    pub redelivered: Option<u64>,
}

/// What a poll of the broker gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    Sample(Sample),
    /// No figures, or none to rely on.
    Unknown(Unknown),
}

/// Why there are no figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The kind, for conditions and metrics.
    pub kind: UnknownKind,
    /// One sentence for people, without credentials.
    pub message: String,
}

/// Kinds of [`Unknown`]. `Display` is the CamelCase word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnknownKind {
    /// No connection, or no answer in time.
    Unreachable,
    /// The broker refuses the credentials.
    Unauthorized,
    /// The broker knows no such queue or vhost.
    NotFound,
    /// An answer that lacks a field.
    Incomplete,
    /// An answer that contradicts the workers: nothing ready and nobody consumes while workers are ready.
    /// This is what a passive declare says of a quorum queue that has just lost its leader.
    Suspect,
}

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The Deployment as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workers {
    /// How many are asked for: `spec.replicas`.
    pub replicas: u32,
    /// How many are ready to work.
    pub ready: u32,
    /// Jobs that run now as the workers themselves tell; `None` when even one of them did not.
    pub busy: Option<u64>,
    /// How long the newest ready worker took from its creation until it was ready; `None` when unknown.
    pub startup: Option<Duration>,
    /// A rollout is under way: old and new workers exist side by side.
    pub rollout: bool,
    /// Who else scales the same Deployment.
    pub conflict: Option<String>,
}

impl Observation {
    /// The figures to rely on, or why there are none.
    pub(crate) fn judge(&self, workers: &Workers) -> Result<Sample, Unknown> {
        match self {
            Observation::Sample(sample) if sample.is_suspect(workers) => Err(Unknown {
                kind: UnknownKind::Suspect,
                message: format!(
                    "the broker says 0 messages and 0 consumers while {} workers are ready",
                    workers.ready
                ),
            }),
            Observation::Sample(sample) => Ok(*sample),
            Observation::Unknown(unknown) => Err(unknown.clone()),
        }
    }
}

impl Sample {
    fn is_suspect(&self, workers: &Workers) -> bool {
        self.ready == 0 && self.consumers == 0 && self.unacked.is_none() && workers.ready > 0
    }

    /// Jobs that run now, as well as anybody can tell. The workers know best. Otherwise it is the
    /// unacknowledged messages, of which a worker runs `concurrency` and merely holds the rest; and when
    /// the broker does not tell those either, every ready worker as long as messages wait.
    pub(crate) fn running(&self, workers: &Workers, concurrency: u32) -> u64 {
        let slots = u64::from(workers.ready) * u64::from(concurrency);
        match (workers.busy, self.unacked) {
            (Some(busy), _) => busy,
            (None, Some(unacked)) => unacked.min(slots),
            (None, None) if self.ready > 0 => slots,
            (None, None) => 0,
        }
    }

    /// Messages that a worker has, running or held.
    pub(crate) fn held(&self, workers: &Workers, concurrency: u32) -> u64 {
        self.unacked.unwrap_or_else(|| self.running(workers, concurrency))
    }

    /// Whether it is certain that no job runs.
    pub(crate) fn none_held(&self, workers: &Workers) -> bool {
        match (self.unacked, workers.busy) {
            (None, None) => workers.ready == 0 && self.consumers == 0,
            (unacked, busy) => unacked.unwrap_or(0) == 0 && busy.unwrap_or(0) == 0,
        }
    }

    /// How many workers may be busy: nobody may leave below this.
    ///
    /// With the workers' own word it is the fewest that can hold what runs, as Kubernetes removes idle
    /// ones first by their deletion cost. Without it, each unacknowledged message may run, also one that a
    /// worker with a large prefetch merely holds. When the broker does not tell those either, everybody
    /// who is ready or consumes may be busy.
    pub(crate) fn busy_floor(&self, workers: &Workers, concurrency: u32, prefetch: u32) -> u32 {
        let floor = match (workers.busy, self.unacked) {
            (Some(busy), unacked) => {
                let held = unacked.unwrap_or(0).div_ceil(u64::from(prefetch));
                held.max(busy.div_ceil(u64::from(concurrency)))
            }
            (None, Some(unacked)) => unacked.div_ceil(u64::from(concurrency)),
            (None, None) => self.consumers.max(u64::from(workers.ready)),
        };
        u32::try_from(floor).unwrap_or(u32::MAX).min(workers.replicas)
    }
}
