//! What happens next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

/// Something that happens at one moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The message of this number is published.
    Published(usize),
    /// The broker brings its statistics up to date.
    Tick,
    Started(u64),
    /// This pod has come to the end of this job.
    Finished {
        pod: u64,
        job: usize,
    },
    /// The grace period of this pod is over.
    Killed(u64),
    /// The operator looks at the queue, or the HPA at its metric.
    Poll,
    /// KEDA looks at the queue.
    KedaPoll,
    /// The cluster acts on the Deployment, with the pods' deletion costs as they were written.
    Reconcile(BTreeMap<u64, u64>),
}

/// Events by time, and of one time in the order in which they were planned.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    heap: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    planned: u64,
}

impl EventQueue {
    pub(crate) fn plan(&mut self, time: Duration, event: Event) {
        self.heap.push(Reverse((time, self.planned, event)));
        self.planned += 1;
    }

    pub(crate) fn next(&mut self) -> Option<(Duration, Event)> {
        self.heap.pop().map(|Reverse((time, _, event))| (time, event))
    }
}
