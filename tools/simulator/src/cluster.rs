//! A Deployment and its pods.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::pods::{Phase, Pod, Rank};

/// The Deployment of the workers.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// `spec.replicas`.
    pub(crate) spec: u32,
    /// Those that exist, by number.
    pub(crate) pods: BTreeMap<u64, Pod>,
    /// Changes of `spec.replicas`.
    pub(crate) scale_events: u64,
    startup: Duration,
    created: u64,
    random: StdRng,
    replica_seconds: f64,
    counted_to: Duration,
}

impl Cluster {
    /// No workers yet.
    pub(crate) fn new(startup: Duration, seed: u64) -> Cluster {
        Cluster {
            spec: 0,
            pods: BTreeMap::new(),
            scale_events: 0,
            startup,
            created: 0,
            // Not the draws that have made the load.
            random: StdRng::seed_from_u64(!seed),
            replica_seconds: 0.0,
            counted_to: Duration::ZERO,
        }
    }

    /// Writes `spec.replicas`; true when that is a change.
    pub(crate) fn scale(&mut self, replicas: u32) -> bool {
        let changed = replicas != self.spec;
        self.spec = replicas;
        self.scale_events += u64::from(changed);
        changed
    }

    /// Pods that are not being deleted: `status.replicas`.
    pub(crate) fn present(&self) -> u32 {
        self.pods.values().filter(|pod| pod.phase != Phase::Ending).count() as u32
    }

    pub(crate) fn ready(&self) -> u32 {
        self.pods.values().filter(|pod| pod.is_ready()).count() as u32
    }

    /// How long the pod that became Ready last took to it.
    pub(crate) fn startup(&self) -> Option<Duration> {
        let ready = self.pods.values().filter_map(|pod| match pod.phase {
            Phase::Ready(since) => Some((since, since - pod.created)),
            _ => None,
        });
        ready.max().map(|(_, took)| took)
    }

    /// Jobs that run in Ready pods.
    pub(crate) fn busy(&self) -> u64 {
        self.pods.values().filter(|pod| pod.is_ready()).map(|pod| pod.running.len() as u64).sum()
    }

    /// Jobs that run in each pod: the deletion costs that the operator writes.
    pub(crate) fn costs(&self) -> BTreeMap<u64, u64> {
        self.pods.iter().map(|(&id, pod)| (id, pod.running.len() as u64)).collect()
    }

    /// Seconds for which a pod has existed, in whatever state, summed over all up to `now`.
    pub(crate) fn replica_seconds(&mut self, now: Duration) -> f64 {
        self.replica_seconds += self.pods.len() as f64 * (now - self.counted_to).as_secs_f64();
        self.counted_to = now;
        self.replica_seconds
    }

    /// A new pod's number and the time at which it will be Ready.
    pub(crate) fn create(&mut self, now: Duration) -> (u64, Duration) {
        self.replica_seconds(now);
        self.created += 1;
        let pod = Pod {
            uid: self.random.random(),
            created: now,
            phase: Phase::Starting,
            waiting: Default::default(),
            running: Vec::new(),
        };
        self.pods.insert(self.created, pod);
        (self.created, now + self.startup.mul_f64(self.random.random_range(0.8..1.2)))
    }

    pub(crate) fn remove(&mut self, now: Duration, id: u64) -> Option<Pod> {
        self.replica_seconds(now);
        self.pods.remove(&id)
    }

    /// The pods that go when `number` have to, by their deletion costs; a pod without one costs nothing.
    pub(crate) fn victims(&self, now: Duration, number: usize, costs: &BTreeMap<u64, u64>) -> Vec<u64> {
        let present = self.pods.iter().filter(|(_, pod)| pod.phase != Phase::Ending);
        let cost = |id| costs.get(id).copied().unwrap_or_default();
        let mut ranked: Vec<(Rank, u64)> = present.map(|(id, pod)| (pod.rank(now, cost(id)), *id)).collect();
        ranked.sort_unstable();
        ranked.into_iter().take(number).map(|(_, id)| id).collect()
    }
}
