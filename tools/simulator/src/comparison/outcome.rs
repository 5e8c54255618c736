//! What is claimed of the operator, cell by cell.

use super::{Cell, LIMIT, Scenario, Setting};
use crate::setup::Source;

/// One scenario of one trace, with all that was run in it.
pub(crate) struct Outcome<'a> {
    pub(crate) scenario: Scenario,
    /// The operator, with the management API.
    pub(crate) ours: &'a Cell,
    /// All workers from the first message on.
    pub(crate) floor: &'a Cell,
    /// A scaler that knows all messages beforehand.
    pub(crate) least: &'a Cell,
    pub(crate) keda: Vec<&'a Cell>,
}

/// A share of late messages that the claim allows, in per cent.
pub(crate) const SHARE: f64 = 1.0;

/// So much more than the least is aimed at.
pub(crate) const NEAR: f64 = 1.15;

/// The scenarios of a trace, in the order of the cells.
pub(crate) fn outcomes<'a>(cells: &'a [Cell], trace: &str) -> Vec<Outcome<'a>> {
    let ours =
        cells.iter().filter(|cell| cell.trace == trace && cell.setting == Setting::Ours(Source::Management));
    let of = |ours: &'a Cell| -> Option<Outcome<'a>> {
        let same = || cells.iter().filter(|cell| cell.trace == trace && cell.scenario == ours.scenario);
        Some(Outcome {
            scenario: ours.scenario,
            ours,
            floor: same().find(|cell| cell.setting == Setting::Floor)?,
            least: same().find(|cell| cell.setting == Setting::Least)?,
            keda: same().filter(|cell| matches!(cell.setting, Setting::Keda(..))).collect(),
        })
    };
    ours.filter_map(of).collect()
}

impl Outcome<'_> {
    /// A worker can be there in time, and all of them can do the work in time.
    pub(crate) fn possible(&self) -> bool {
        self.scenario.startup < LIMIT.as_secs() && self.floor.figures.over_percent < SHARE
    }

    pub(crate) fn in_time(&self) -> bool {
        self.ours.figures.over_percent < SHARE
    }

    pub(crate) fn kills_none(&self) -> bool {
        self.ours.figures.killed == 0
    }

    /// Replica-seconds over the least.
    pub(crate) fn over_least(&self) -> f64 {
        self.ours.figures.replica_seconds / self.least.figures.replica_seconds.max(1.0)
    }

    /// The setting of KEDA with the fewest replica-seconds among those with no larger share of late messages.
    pub(crate) fn rival(&self) -> Option<&Cell> {
        self.cheapest_keda(|share| share <= self.ours.figures.over_percent)
    }

    /// The same among those below [`SHARE`].
    pub(crate) fn good_rival(&self) -> Option<&Cell> {
        self.cheapest_keda(|share| share < SHARE)
    }

    fn cheapest_keda(&self, good: impl Fn(f64) -> bool) -> Option<&Cell> {
        let cost = |cell: &Cell| cell.figures.replica_seconds;
        let good = self.keda.iter().filter(|cell| good(cell.figures.over_percent));
        good.min_by(|a, b| cost(a).total_cmp(&cost(b))).copied()
    }

    /// None of these costs less.
    pub(crate) fn below(&self, rival: Option<&Cell>) -> bool {
        let ours = self.ours.figures.replica_seconds;
        rival.is_none_or(|rival| ours < rival.figures.replica_seconds)
    }
}
