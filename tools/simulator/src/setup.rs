//! What surrounds the queue, and who scales its workers.

use std::time::Duration;

use scaling::Policy;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// From the creation of a pod until it is Ready and consumes; each pod's own lies within a fifth of it.
    pub startup: Duration,
    /// Messages that a worker holds without having acknowledged them, the running one included; at least 1.
    pub prefetch: u32,
    /// Jobs that one worker runs at a time; 1 to `prefetch`.
    pub concurrency: u32,
    /// A worker that is told to end is killed after this time.
    pub grace: Duration,
    /// For the phases of polls and the start-up of pods.
    pub seed: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            startup: Duration::from_secs(8),
            prefetch: 1,
            concurrency: 1,
            grace: Duration::from_secs(30),
            seed: 0,
        }
    }
}

/// Where the operator reads the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The management API: all counters, as they were at the last of the broker's ticks, 5 s apart.
    Management,
    /// A passive declaration: ready messages and consumers alone, as they are.
    Amqp,
}

/// Which messages KEDA counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Its `amqp` protocol: the ready ones, as they are.
    Ready,
    /// Its `http` protocol: those that workers hold too, as of the broker's last tick.
    All,
}

/// Who scales the workers, and by what settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Scaling {
    Ours {
        /// As the owner of the queue has written it.
        policy: Box<Policy>,
        /// Where it reads.
        source: Source,
    },
    /// KEDA's QueueLength with the HPA.
    Keda {
        /// What KEDA calls `value`; at least 1.
        messages_per_pod: u32,
        /// What it counts.
        count: Count,
        /// Never more workers than these.
        max_replicas: u32,
    },
    /// All workers from the first message on, for ever: what no scaler that starts with none can do better.
    Floor { max_replicas: u32 },
}
