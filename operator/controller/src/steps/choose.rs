//! Which workers go. `active` has the jobs in flight of each running worker, as far as it tells.

use std::collections::BTreeMap;

/// A worker that does not tell may be in the midst of anything.
const UNREADABLE_COST: i32 = 1_000_000;
/// A worker that does nothing and takes nothing: it goes before those that are idle by chance.
const PAUSED_COST: i32 = -1;

/// How a step down is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    /// How many workers stay.
    pub(super) to: u32,
    /// What it costs to end each running worker.
    pub(super) costs: Vec<i32>,
}

/// The indices of the workers to pause before a step from `from` to `to`: of those that go because they have the fewest
/// jobs, the ones that have none.
pub(super) fn to_pause(active: &[Option<u64>], from: u32, to: u32) -> Vec<usize> {
    let running = u32::try_from(active.len()).unwrap_or(u32::MAX);
    // Kubernetes ends pods that do not run yet before all others. Were as many paused in their place, nobody might be left
    // who takes messages.
    let going = running.min(from).saturating_sub(to);
    let idle = active.iter().enumerate().filter(|(_, jobs)| **jobs == Some(0)).map(|(index, _)| index);
    idle.take(usize::try_from(going).unwrap_or(usize::MAX)).collect()
}

/// The step from `from` to `to` after the workers at the keys of `paused` have said, paused, how many jobs they have: it is
/// smaller by those that have some after all. None if nobody is left to go.
pub(super) fn departure(
    active: &[Option<u64>],
    paused: &BTreeMap<usize, u64>,
    from: u32,
    to: u32,
) -> Option<Departure> {
    let busy = paused.values().filter(|jobs| **jobs > 0).count();
    let to = to.saturating_add(u32::try_from(busy).unwrap_or(u32::MAX));
    let cost = |(index, read): (usize, &Option<u64>)| match paused.get(&index) {
        Some(0) => PAUSED_COST,
        Some(jobs) => deletion_cost(Some(*jobs)),
        None => deletion_cost(*read),
    };
    (to < from).then(|| Departure { to, costs: active.iter().enumerate().map(cost).collect() })
}

/// What it costs to end a worker with so many jobs in flight; one that does not tell counts as very busy.
fn deletion_cost(active: Option<u64>) -> i32 {
    active.map_or(UNREADABLE_COST, |jobs| i32::try_from(jobs).unwrap_or(i32::MAX).min(UNREADABLE_COST - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKERS: [Option<u64>; 6] = [Some(2), Some(0), None, Some(0), Some(1), Some(0)];

    #[test]
    fn as_many_are_paused_as_go_and_only_idle_ones() {
        assert_eq!(to_pause(&WORKERS, 6, 5), [1]);
        assert_eq!(to_pause(&WORKERS, 6, 4), [1, 3]);
        assert_eq!(to_pause(&WORKERS, 6, 1), [1, 3, 5], "the others that go are busy");
        assert!(to_pause(&[Some(3), None], 2, 1).is_empty());
        assert!(to_pause(&[], 2, 1).is_empty());
    }

    #[test]
    fn workers_that_do_not_run_yet_go_instead_of_paused_ones() {
        let running = [Some(0); 4];
        assert_eq!(to_pause(&running, 6, 3), [0]);
        assert!(to_pause(&running, 6, 4).is_empty());
        assert!(to_pause(&running, 6, 5).is_empty());
        assert_eq!(to_pause(&running, 3, 2), [0], "a fourth one is about to go anyway");
    }

    #[test]
    fn paused_ones_go_first_then_idle_ones_then_by_their_jobs() {
        let departure = departure(&WORKERS, &BTreeMap::from([(1, 0), (3, 0)]), 6, 4).unwrap();
        assert_eq!(departure, Departure { to: 4, costs: vec![2, -1, 1_000_000, -1, 1, 0] });
    }

    #[test]
    fn a_worker_that_cannot_be_paused_counts_as_it_was_read() {
        let departure = departure(&WORKERS, &BTreeMap::from([(3, 0)]), 6, 4).unwrap();
        assert_eq!(departure, Departure { to: 4, costs: vec![2, 0, 1_000_000, -1, 1, 0] });
    }

    #[test]
    fn the_step_is_smaller_by_those_that_have_got_work() {
        let with_one = departure(&WORKERS, &BTreeMap::from([(1, 3), (3, 0)]), 6, 4).unwrap();
        assert_eq!(with_one, Departure { to: 5, costs: vec![2, 3, 1_000_000, -1, 1, 0] });
        assert_eq!(departure(&WORKERS, &BTreeMap::from([(1, 1), (3, 1)]), 6, 4), None);
    }

    #[test]
    fn idle_workers_cost_least_and_silent_ones_most() {
        let costs = [Some(0), Some(1), Some(7), Some(u64::MAX), None].map(deletion_cost);
        assert_eq!(costs[..3], [0, 1, 7]);
        assert!(costs.is_sorted() && costs[3] < costs[4]);
    }
}
