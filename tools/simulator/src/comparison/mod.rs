//! The comparison: every trace under every scenario with every setting, and the page that tells of it.

mod cells;
mod outcome;
mod page;
mod picture;
mod soak;
mod spending;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use scaling::Policy;

pub use cells::{Cell, Setting, read_cells, write_cells};
pub use page::page;
pub use picture::pictures;
pub use soak::{Soak, soak};

use crate::figures::{Figures, Run};
use crate::least::least;
use crate::load::Load;
use crate::setup::{Count, Scaling, Setup, Source};
use crate::simulation::simulate;
use crate::trace::Trace;

/// No message should wait for longer.
pub const LIMIT: Duration = Duration::from_secs(30);
/// As many workers as anybody may have.
pub const MAX_REPLICAS: u32 = 40;
/// Seeds of a whole comparison.
pub const SEEDS: u64 = 20;
/// The sweep of KEDA's messages per pod. `LIMIT` over a service time of 1 s would be 30.
pub const MESSAGES_PER_POD: [u32; 12] = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200];

/// Shares of the limit, in per cent, that the operator may spend, besides its default.
pub const SPENDING: [u32; 6] = [30, 50, 60, 70, 90, 100];

/// What surrounds the queue in some cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// As in [`Setup::startup`], in seconds.
    pub startup: u64,
    /// As in [`Setup::prefetch`].
    pub prefetch: u32,
    /// As in [`Setup::grace`], in seconds.
    pub grace: u64,
}

impl Scenario {
    /// The grace period of a pod that names none, in seconds.
    pub const GRACE: u64 = 30;
    /// A grace period above the longest of the long jobs, in seconds.
    pub const LONG_GRACE: u64 = 900;
}

pub fn scenarios(trace: &str) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    // Only jobs that are longer than the usual grace period care about another one.
    let graces: &[u64] =
        if trace == "long-jobs" { &[Scenario::GRACE, Scenario::LONG_GRACE] } else { &[Scenario::GRACE] };
    for &grace in graces {
        for prefetch in [1, 10] {
            scenarios.extend([2, 8, 60].map(|startup| Scenario { startup, prefetch, grace }));
        }
    }
    scenarios
}

pub fn settings() -> Vec<Setting> {
    let mut settings = vec![Setting::Ours(Source::Management), Setting::Ours(Source::Amqp)];
    settings.extend(SPENDING.map(Setting::Spending));
    settings.extend([Setting::Floor, Setting::Least]);
    for count in [Count::Ready, Count::All] {
        settings.extend(MESSAGES_PER_POD.map(|messages_per_pod| Setting::Keda(messages_per_pod, count)));
    }
    settings
}

/// Runs one setting in one scenario under the seeds 0 to `loads.len() - 1`; `loads` are those of the trace.
pub fn cell(trace: &Trace, loads: &[Load], scenario: Scenario, setting: Setting) -> Cell {
    let startup = Duration::from_secs(scenario.startup);
    let Some(scaling) = setting.scaling(trace, scenario) else {
        let seconds = loads.iter().map(|load| least(load, LIMIT, startup, MAX_REPLICAS)).sum::<f64>();
        let figures =
            Figures { replica_seconds: seconds / loads.len().max(1) as f64, ..Figures::of(&[], LIMIT) };
        return Cell { trace: trace.name.clone(), scenario, setting, figures };
    };
    let run = |(load, seed): (&Load, u64)| -> Run {
        let setup = Setup {
            startup,
            prefetch: scenario.prefetch,
            concurrency: 1,
            grace: Duration::from_secs(scenario.grace),
            seed,
        };
        Run { rows: Vec::new(), ..simulate(load, &scaling, &setup) }
    };
    let runs: Vec<Run> = loads.iter().zip(0..).map(run).collect();
    Cell { trace: trace.name.clone(), scenario, setting, figures: Figures::of(&runs, LIMIT) }
}

/// The loads of a trace under the seeds 0 to `seeds - 1`.
pub fn loads(trace: &Trace, seeds: u64) -> Vec<Load> {
    (0..seeds).map(|seed| Load::draw(trace, seed)).collect()
}

/// Runs everything, on so many threads; the order of the cells does not depend on their number.
pub fn compare(traces: &[Trace], seeds: u64, threads: usize) -> Vec<Cell> {
    let loads: Vec<Vec<Load>> = traces.iter().map(|trace| loads(trace, seeds)).collect();
    let mut work = Vec::new();
    for (trace, loads) in traces.iter().zip(&loads) {
        for scenario in scenarios(&trace.name) {
            work.extend(settings().into_iter().map(|setting| (trace, loads, scenario, setting)));
        }
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((place, &(trace, loads, scenario, setting))) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            work.get(place).map(|work| (place, work))
        } {
            done.push((place, cell(trace, loads, scenario, setting)));
        }
        done
    };
    let mut cells: Vec<(usize, Cell)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        let results =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        results.flatten().collect()
    });
    cells.sort_by_key(|(place, _)| *place);
    cells.into_iter().map(|(_, cell)| cell).collect()
}

impl Setting {
    /// Who scales; `None` when nobody does and the least is computed.
    fn scaling(self, trace: &Trace, scenario: Scenario) -> Option<Scaling> {
        let ours = |policy: Policy, source| {
            let policy = Policy {
                max_wait: LIMIT,
                prefetch: scenario.prefetch,
                service_time_hint: trace.hint,
                max_replicas: MAX_REPLICAS,
                ..policy
            };
            Scaling::Ours { policy: Box::new(policy), source }
        };
        Some(match self {
            Setting::Ours(source) => ours(Policy::default(), source),
            Setting::Spending(spend_percent) => {
                ours(Policy { spend_percent, ..Policy::default() }, Source::Management)
            }
            Setting::Keda(messages_per_pod, count) => {
                Scaling::Keda { messages_per_pod, count, max_replicas: MAX_REPLICAS }
            }
            Setting::Floor => Scaling::Floor { max_replicas: MAX_REPLICAS },
            Setting::Least => return None,
        })
    }
}
