//! Who decides how many workers there should be.

use std::time::Duration;

use scaling::{Decision, Observation, Policy, Sample, Scaler, Seed, Unknown, UnknownKind, Workers};

use crate::broker::Broker;
use crate::cluster::Cluster;
use crate::events::Event;
use crate::hpa::{Hpa, Target};
use crate::keda::{Keda, Trigger};
use crate::replay::Row;
use crate::setup::{Count, Scaling, Source};

/// A scaler with what it remembers.
pub(crate) enum Driver {
    Ours { policy: Box<Policy>, source: Source, scaler: Box<Scaler> },
    Keda { count: Count, hpa: Hpa, keda: Keda },
    Floor { max_replicas: u32 },
}

/// What a scaler sees when its turn has come.
pub(crate) struct View<'a> {
    pub(crate) now: Duration,
    pub(crate) broker: &'a Broker,
    pub(crate) cluster: &'a Cluster,
    /// The broker answers nobody.
    pub(crate) outage: bool,
}

impl Driver {
    pub(crate) fn new(scaling: &Scaling) -> Driver {
        match scaling {
            Scaling::Ours { policy, source } => {
                let seed = Seed { replicas: 0, service_time: None, startup: None, answered: true };
                let scaler = Box::new(Scaler::new(Duration::ZERO, seed));
                Driver::Ours { policy: policy.clone(), source: *source, scaler }
            }
            Scaling::Keda { messages_per_pod, count, max_replicas } => Driver::Keda {
                count: *count,
                hpa: Hpa::new(*messages_per_pod, 1, *max_replicas),
                keda: Keda::default(),
            },
            Scaling::Floor { max_replicas } => Driver::Floor { max_replicas: *max_replicas },
        }
    }

    /// Its own events, with the time between two of them.
    pub(crate) fn rhythm(&self) -> Vec<(Event, Duration)> {
        match self {
            Driver::Ours { policy, .. } => vec![(Event::Poll, policy.poll)],
            Driver::Keda { .. } => vec![(Event::Poll, Hpa::SYNC), (Event::KedaPoll, Keda::POLL)],
            Driver::Floor { .. } => Vec::new(),
        }
    }

    /// Whether the pods carry deletion costs.
    pub(crate) fn marks_pods(&self) -> bool {
        matches!(self, Driver::Ours { .. })
    }

    /// The replicas to write, if any; what the operator decides is added to `rows`.
    pub(crate) fn poll(&mut self, view: &View<'_>, rows: &mut Vec<Row>) -> Option<u32> {
        match self {
            Driver::Ours { policy, source, scaler } => {
                let observation = observe(*source, view);
                let workers = Workers {
                    replicas: view.cluster.spec,
                    ready: view.cluster.ready(),
                    busy: Some(view.cluster.busy()),
                    startup: view.cluster.startup(),
                    rollout: false,
                    conflict: None,
                };
                let decision = scaler.step(view.now, policy, &observation, &workers);
                rows.push(row(view, &observation, &decision));
                decision.write.then_some(decision.desired)
            }
            Driver::Keda { count, hpa, .. } => {
                let target = Target { spec: view.cluster.spec, status: view.cluster.present() };
                Some(hpa.sync(view.now, target, metric(*count, view)))
            }
            Driver::Floor { .. } => None,
        }
    }

    pub(crate) fn keda_poll(&mut self, view: &View<'_>) -> Option<u32> {
        let Driver::Keda { count, keda, .. } = self else { return None };
        Some(keda.poll(view.now, view.cluster.spec, Trigger::of(metric(*count, view))))
    }

    /// What a message alone sets off.
    pub(crate) fn published(&self) -> Option<u32> {
        if let Driver::Floor { max_replicas } = self { Some(*max_replicas) } else { None }
    }
}

fn observe(source: Source, view: &View<'_>) -> Observation {
    if view.outage {
        let message = "the broker does not answer".to_owned();
        return Observation::Unknown(Unknown { kind: UnknownKind::Unreachable, message });
    }
    Observation::Sample(match source {
        Source::Management => view.broker.told.whole(),
        Source::Amqp => view.broker.counters.declared(),
    })
}

fn metric(count: Count, view: &View<'_>) -> Option<u64> {
    let told = &view.broker.told;
    match count {
        _ if view.outage => None,
        Count::Ready => Some(view.broker.counters.ready),
        Count::All => Some(told.ready + told.unacked),
    }
}

fn row(view: &View<'_>, observation: &Observation, decision: &Decision) -> Row {
    let sample: Option<&Sample> =
        if let Observation::Sample(sample) = observation { Some(sample) } else { None };
    Row {
        time: view.now,
        ready: sample.map(|sample| sample.ready),
        unacked: sample.and_then(|sample| sample.unacked),
        desired: decision.desired,
        replicas: view.cluster.spec,
        reason: decision.reason,
        message: decision.message.clone(),
    }
}
