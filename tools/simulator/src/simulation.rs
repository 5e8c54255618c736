//! The run itself: one event after the other.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::broker::Broker;
use crate::cluster::Cluster;
use crate::events::{Event, EventQueue};
use crate::figures::Run;
use crate::load::Load;
use crate::pods::Phase;
use crate::replay::Row;
use crate::scalers::{Driver, View};
use crate::setup::{Scaling, Setup};

/// From the writing of `spec.replicas` until pods are created or told to end.
const REACTION: Duration = Duration::from_secs(1);

struct Simulation<'a> {
    load: &'a Load,
    setup: &'a Setup,
    now: Duration,
    events: EventQueue,
    broker: Broker,
    cluster: Cluster,
    /// Workers to which the broker may deliver, in turn.
    open: VecDeque<u64>,
    /// When each job was begun for the last time.
    begun: Vec<Option<Duration>>,
    killed: u64,
}

/// Runs a load from the first second to the end of its length.
pub fn simulate(load: &Load, scaling: &Scaling, setup: &Setup) -> Run {
    let mut simulation = Simulation {
        load,
        setup,
        now: Duration::ZERO,
        events: EventQueue::default(),
        broker: Broker::new(&load.jobs),
        cluster: Cluster::new(setup.startup, setup.seed),
        open: VecDeque::new(),
        begun: vec![None; load.jobs.len()],
        killed: 0,
    };
    let mut driver = Driver::new(scaling);
    let mut rows = Vec::new();
    simulation.begin(&driver);
    while let Some((time, event)) = simulation.events.next().filter(|(time, _)| *time < load.length) {
        simulation.now = time;
        simulation.happen(event, &mut driver, &mut rows);
    }
    simulation.end(rows)
}

/// A moment within a period that differs from seed to seed so that 20 of them cover the period evenly: the fractions
/// of the multiples of an irrational number.
fn phase(period: Duration, seed: u64, irrational: f64) -> Duration {
    period.mul_f64((seed as f64 * irrational).fract())
}

impl Simulation<'_> {
    fn begin(&mut self, driver: &Driver) {
        let seed = self.setup.seed;
        self.events.plan(phase(Duration::from_secs(Broker::TICK), seed, 3f64.sqrt()), Event::Tick);
        for ((event, period), irrational) in driver.rhythm().into_iter().zip([5f64.sqrt(), 2f64.sqrt()]) {
            self.events.plan(phase(period, seed, irrational), event);
        }
        self.plan_publication(0);
    }

    fn happen(&mut self, event: Event, driver: &mut Driver, rows: &mut Vec<Row>) {
        match event {
            Event::Published(job) => {
                self.broker.publish(job);
                self.plan_publication(job + 1);
                self.scale(driver.published(), driver);
            }
            Event::Tick => {
                self.broker.tick();
                self.events.plan(self.now + Duration::from_secs(Broker::TICK), Event::Tick);
            }
            Event::Started(pod) => self.started(pod),
            Event::Finished { pod, job } => self.finished(pod, job),
            Event::Killed(pod) => self.killed(pod),
            Event::Reconcile(costs) => self.reconcile(&costs),
            Event::Poll | Event::KedaPoll => {
                let view = self.view();
                let replicas = match event {
                    Event::Poll => driver.poll(&view, rows),
                    _ => driver.keda_poll(&view),
                };
                let own = driver.rhythm().into_iter().find(|(own, _)| *own == event);
                if let Some((event, period)) = own {
                    self.events.plan(self.now + period, event);
                }
                self.scale(replicas, driver);
            }
        }
        self.deliver();
    }

    fn view(&self) -> View<'_> {
        let outage = self.load.outages.iter().any(|outage| outage.contains(&self.now));
        View { now: self.now, broker: &self.broker, cluster: &self.cluster, outage }
    }

    fn plan_publication(&mut self, job: usize) {
        if let Some(next) = self.load.jobs.get(job) {
            self.events.plan(next.published, Event::Published(job));
        }
    }

    fn scale(&mut self, replicas: Option<u32>, driver: &Driver) {
        if replicas.is_some_and(|replicas| self.cluster.scale(replicas)) {
            let costs = if driver.marks_pods() { self.pause_idle() } else { BTreeMap::new() };
            self.events.plan(self.now + REACTION, Event::Reconcile(costs));
        }
    }

    /// Idle workers that will go get no message any more. Answers the deletion costs.
    fn pause_idle(&mut self) -> BTreeMap<u64, u64> {
        let costs = self.cluster.costs();
        let surplus = self.cluster.present().saturating_sub(self.cluster.spec);
        for id in self.cluster.victims(self.now, surplus as usize, &costs) {
            if costs.get(&id) == Some(&0) {
                self.open.retain(|open| *open != id);
            }
        }
        costs
    }

    fn reconcile(&mut self, costs: &BTreeMap<u64, u64>) {
        let present = self.cluster.present();
        for _ in present..self.cluster.spec {
            let (pod, ready) = self.cluster.create(self.now);
            self.events.plan(ready, Event::Started(pod));
        }
        let surplus = present.saturating_sub(self.cluster.spec);
        for pod in self.cluster.victims(self.now, surplus as usize, costs) {
            self.told_to_end(pod);
        }
    }

    /// It gives back what it has not begun, and goes when nothing runs any more.
    fn told_to_end(&mut self, id: u64) {
        self.close(id);
        let Some(pod) = self.cluster.pods.get_mut(&id) else { return };
        pod.phase = Phase::Ending;
        for job in pod.waiting.drain(..) {
            self.broker.give_back(job);
        }
        if pod.running.is_empty() {
            self.cluster.remove(self.now, id);
        } else {
            self.events.plan(self.now + self.setup.grace, Event::Killed(id));
        }
    }

    fn killed(&mut self, id: u64) {
        // It may have ended by itself.
        let Some(pod) = self.cluster.remove(self.now, id) else { return };
        self.killed += pod.running.len() as u64;
        for job in pod.running {
            self.broker.give_back(job);
        }
    }

    fn started(&mut self, id: u64) {
        let Some(pod) = self.cluster.pods.get_mut(&id).filter(|pod| pod.phase == Phase::Starting) else {
            return;
        };
        pod.phase = Phase::Ready(self.now);
        self.broker.counters.consumers += 1;
        self.open.push_back(id);
    }

    fn close(&mut self, id: u64) {
        if self.cluster.pods.get(&id).is_some_and(|pod| pod.is_ready()) {
            self.broker.counters.consumers -= 1;
            self.open.retain(|open| *open != id);
        }
    }

    /// To each worker in turn, as far as its prefetch allows.
    fn deliver(&mut self) {
        while let Some(id) = self.open.pop_front() {
            let Some(pod) = self.cluster.pods.get_mut(&id) else { continue };
            let Some(job) = self.broker.deliver() else {
                self.open.push_front(id);
                return;
            };
            pod.waiting.push_back(job);
            if pod.held() < self.setup.prefetch as usize {
                self.open.push_back(id);
            }
            self.run(id);
        }
    }

    /// Begins what waits at a worker, as far as its concurrency allows.
    fn run(&mut self, id: u64) {
        let Some(pod) = self.cluster.pods.get_mut(&id) else { return };
        while pod.running.len() < self.setup.concurrency as usize {
            let Some(job) = pod.waiting.pop_front() else { return };
            pod.running.push(job);
            self.begun[job] = Some(self.now);
            self.events.plan(self.now + self.load.jobs[job].service, Event::Finished { pod: id, job });
        }
    }

    fn finished(&mut self, id: u64, job: usize) {
        // A killed worker finishes nothing.
        let Some(pod) = self.cluster.pods.get_mut(&id) else { return };
        let full = pod.held() == self.setup.prefetch as usize;
        let (ready, ended) = (pod.is_ready(), pod.phase == Phase::Ending);
        pod.running.retain(|running| *running != job);
        let last = ended && pod.running.is_empty();
        if self.load.jobs[job].poison {
            self.broker.give_back(job);
        } else {
            self.broker.ack();
        }
        if ready && full {
            self.open.push_back(id);
        }
        if last {
            self.cluster.remove(self.now, id);
        }
        self.run(id);
    }

    fn end(mut self, rows: Vec<Row>) -> Run {
        let end = self.load.length;
        let lost = self.broker.given_up.iter().filter(|job| !self.load.jobs[**job].poison).count() as u64;
        // Who has not begun, or was given up, has waited until the end.
        for job in &self.broker.given_up {
            self.begun[*job] = None;
        }
        let good = self.load.jobs.iter().zip(&self.begun).filter(|(job, _)| !job.poison && !job.mail);
        Run {
            waits: good.map(|(job, begun)| begun.unwrap_or(end) - job.published).collect(),
            replica_seconds: self.cluster.replica_seconds(end),
            scale_events: self.cluster.scale_events,
            killed: self.killed,
            lost,
            rows,
        }
    }
}
