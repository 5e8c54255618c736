//! Any interleaving of reads, writes, sweeps and outages on two replicas, against one rule: who asks after a change
//! was answered sees that change or a later one.

use std::{collections::HashMap, time::Duration};

use proptest::{prelude::*, test_runner::TestRunner};
use tokio::{
    sync::{Mutex, mpsc::UnboundedReceiver},
    task::JoinSet,
    time::{sleep, timeout},
};
use wire::CaseId;

use super::{failpoint_control::run_freely, service_replica::Replica, world::World};
use crate::{
    conditions::Conditions,
    directory::failpoints::{Failpoint, Stop},
    test_support::{ADA, key, person, version},
};

type Who = usize;

#[derive(Clone, Debug)]
enum Action {
    Read(Who),
    /// Unless it writes already.
    Write(Who),
    /// Lets one of those who stand at a failpoint go on.
    Go(prop::sample::Index),
    /// Breaks the line to Redis, or has it hang.
    Cut(Who),
    Hang(Who),
    Heal(Who),
    Sweep(Who),
    /// Kills Redis and starts it again, with nothing in it.
    Restart,
}

fn who() -> impl Strategy<Value = Who> {
    0..2_usize
}

fn step() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => who().prop_map(Action::Read),
        2 => who().prop_map(Action::Write),
        6 => any::<prop::sample::Index>().prop_map(Action::Go),
    ]
}

fn outage() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => who().prop_map(Action::Cut),
        1 => who().prop_map(Action::Hang),
        6 => who().prop_map(Action::Heal),
        8 => who().prop_map(Action::Sweep),
        1 => Just(Action::Restart),
    ]
}

/// With many outages, with few, or with none.
fn actions() -> impl Strategy<Value = Vec<Action>> {
    let mixed =
        |steps, outages| prop::collection::vec(prop_oneof![steps => step(), outages => outage()], 20..100);
    prop_oneof![mixed(2, 1), mixed(8, 1), prop::collection::vec(step(), 20..100)]
}

enum Done {
    Read { floor: usize, found: u32 },
    Write { by: Who, version: u32 },
}

/// A version of Ada by its place in the order of commits.
#[derive(Default)]
struct History {
    places: HashMap<u32, usize>,
    /// The latest whose write was answered.
    answered: usize,
}

impl History {
    fn commit_next(&mut self, version: u32) {
        self.places.insert(version, self.places.len());
    }

    fn latest(&self) -> u32 {
        self.places.iter().max_by_key(|(_, place)| **place).map(|(version, _)| *version).unwrap()
    }
}

struct Run {
    replicas: [Replica; 2],
    stops: [UnboundedReceiver<Stop>; 2],
    standing: Vec<Stop>,
    writing: [Option<u32>; 2],
    tasks: JoinSet<Done>,
    history: History,
    versions: std::ops::Range<u32>,
}

impl Run {
    async fn start(world: &World) -> Run {
        let plain = world.replica().await;
        plain.remove().await.unwrap();
        plain.create(0).await;
        let (one, stops) = world.stopping_replica().await;
        let (other, other_stops) = world.stopping_replica().await;
        let mut history = History::default();
        history.commit_next(0);
        Run {
            replicas: [one, other],
            stops: [stops, other_stops],
            standing: Vec::new(),
            writing: [None, None],
            tasks: JoinSet::new(),
            history,
            versions: 1..1 << 24,
        }
    }

    async fn act(&mut self, action: &Action, world: &mut World) {
        match action {
            Action::Read(who) => self.read(*who),
            Action::Write(who) => self.write(*who),
            Action::Go(_) if self.standing.is_empty() => (),
            Action::Go(which) => self.standing.swap_remove(which.index(self.standing.len())).go(),
            Action::Cut(who) => self.replicas[*who].link().cut().await,
            Action::Hang(who) => self.replicas[*who].link().hang(),
            Action::Heal(who) => self.replicas[*who].link().heal().await.unwrap(),
            Action::Sweep(who) => self.sweep(*who).await,
            Action::Restart => {
                world.redis().kill().await.unwrap();
                world.redis().restart().await.unwrap();
            }
        }
    }

    /// A sweep may wait for the row that a standing writer has to itself: then everybody may go on.
    async fn sweep(&mut self, who: Who) {
        let directory = self.replicas[who].directory.clone();
        let sweep = directory.sweep_once();
        tokio::pin!(sweep);
        while timeout(Duration::from_secs(1), &mut sweep).await.is_err() {
            self.standing.drain(..).for_each(Stop::go);
            self.watch().await;
        }
    }

    fn read(&mut self, who: Who) {
        let (directory, floor) = (self.replicas[who].directory.clone(), self.history.answered);
        self.tasks.spawn(async move {
            let found = directory.find_one(key(ADA)).await.unwrap().unwrap();
            Done::Read { floor, found: version(&found) }
        });
    }

    fn write(&mut self, by: Who) {
        if self.writing[by].is_some() {
            return;
        }
        let version = self.versions.next().unwrap();
        self.writing[by] = Some(version);
        let directory = self.replicas[by].directory.clone();
        self.tasks.spawn(async move {
            assert!(
                directory
                    .replace(&person(ADA, version), Conditions::default(), CaseId::fresh())
                    .await
                    .unwrap()
                    .is_some()
            );
            Done::Write { by, version }
        });
    }

    /// Takes note of all that happens in a moment.
    async fn watch(&mut self) {
        let moment = sleep(Duration::from_millis(3));
        tokio::pin!(moment);
        loop {
            let [ours, theirs] = &mut self.stops;
            tokio::select! {
                Some(stop) = ours.recv() => self.stopped(0, stop),
                Some(stop) = theirs.recv() => self.stopped(1, stop),
                Some(done) = self.tasks.join_next() => self.done(&done.unwrap()),
                () = &mut moment => return,
            }
        }
    }

    /// Whoever has locked the row is the next to commit.
    fn stopped(&mut self, who: Who, stop: Stop) {
        if stop.point == Failpoint::RowLocked {
            self.history.commit_next(self.writing[who].unwrap());
        }
        self.standing.push(stop);
    }

    fn done(&mut self, done: &Done) {
        match done {
            Done::Read { floor, found } => {
                let place = self.history.places[found];
                assert!(place >= *floor, "read {found}, place {place}, after place {floor} was answered");
            }
            Done::Write { by, version } => {
                self.writing[*by] = None;
                self.history.answered = self.history.answered.max(self.history.places[version]);
            }
        }
    }

    /// Ends all outages and lets everybody finish; then all agree.
    async fn end(mut self) {
        for replica in &self.replicas {
            replica.link().heal().await.unwrap();
        }
        while !self.tasks.is_empty() {
            self.standing.drain(..).for_each(Stop::go);
            for who in [0, 1] {
                self.sweep(who).await;
            }
            self.watch().await;
        }
        let latest = self.history.latest();
        self.stops.iter_mut().for_each(run_freely);
        for replica in self.replicas.iter().chain(&self.replicas) {
            assert_eq!(replica.read().await, Some(latest));
        }
    }
}

#[test]
fn no_read_is_older_than_the_last_answered_write() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = Mutex::new(runtime.block_on(World::with_short_redis_deadline()));
    let config = ProptestConfig {
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..ProptestConfig::with_cases(32)
    };
    TestRunner::new(config)
        .run(&actions(), |actions| {
            runtime.block_on(async {
                let mut world = world.lock().await;
                let mut run = Run::start(&world).await;
                for action in &actions {
                    run.act(action, &mut world).await;
                    run.watch().await;
                }
                timeout(Duration::from_secs(60), run.end()).await.unwrap();
            });
            Ok(())
        })
        .unwrap();
}
