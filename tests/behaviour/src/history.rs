//! Whether what clients saw of one value that they share can have happened.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

/// What a client did to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Write(usize),
    /// It found this.
    Read(usize),
}

/// One request of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub action: Action,
    /// When it was sent, since any fixed time.
    pub called: Duration,
    /// When it was acknowledged; `None` for a write of which nobody knows whether and when it takes effect.
    pub returned: Option<Duration>,
}

/// Whether there is an order of all operations that explains what each of them saw, in which none comes before one that had
/// ended when it was sent (Herlihy and Wing, Linearizability, 1990). Every write has a value of its own.
///
/// The search is that of Wing and Gong (Testing and Verifying Concurrent Objects, 1993), which does not look twice at the same
/// set of operations with the same value after them (Lowe, Testing for Linearizability, 2017).
pub fn is_linearizable(initial: usize, history: &[Operation]) -> bool {
    let read: HashSet<usize> = history.iter().filter_map(|operation| operation.found()).collect();
    // A write that nobody knows of, and whose value nobody has read, may have had no effect.
    let matters = |operation: &&Operation| match operation.action {
        Action::Write(value) => operation.returned.is_some() || read.contains(&value),
        Action::Read(_) => true,
    };
    let mut history: Vec<Operation> = history.iter().filter(matters).copied().collect();
    history.sort_by_key(|operation| operation.called);
    let (mut seen, mut open) = (HashSet::new(), vec![(Ordered::default(), initial)]);
    while let Some((ordered, value)) = open.pop() {
        if !seen.insert((ordered.clone(), value)) {
            continue;
        }
        let Some(next) = ordered.next(&history) else { return true };
        let then = |place: usize, value: usize| (ordered.with(place), value);
        // What saw the value as it is changes nothing, and can always come first.
        if let Some(&place) = next.iter().find(|&&place| history[place].found() == Some(value)) {
            open.push(then(place, value));
            continue;
        }
        open.extend(next.into_iter().filter_map(|place| match history[place].action {
            Action::Write(written) => Some(then(place, written)),
            Action::Read(_) => None,
        }));
    }
    false
}

impl Operation {
    fn found(&self) -> Option<usize> {
        match self.action {
            Action::Read(value) => Some(value),
            Action::Write(_) => None,
        }
    }
}

/// The operations that have their place already: the first ones, and some of those after them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Ordered {
    first: usize,
    more: BTreeSet<usize>,
}

impl Ordered {
    fn with(&self, place: usize) -> Ordered {
        let mut ordered = self.clone();
        ordered.more.insert(place);
        while ordered.more.remove(&ordered.first) {
            ordered.first += 1;
        }
        ordered
    }

    /// Those which can come next, before the first of the others has ended; `None` when all that ended have their place.
    fn next(&self, history: &[Operation]) -> Option<Vec<usize>> {
        let (mut next, mut first_end) = (Vec::new(), None);
        for (place, operation) in history.iter().enumerate().skip(self.first) {
            if self.more.contains(&place) {
                continue;
            }
            if first_end.is_some_and(|end| operation.called > end) {
                break;
            }
            next.push(place);
            first_end = [first_end, operation.returned].into_iter().flatten().min();
        }
        first_end.map(|_| next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn operation(action: Action, called: u64, returned: Option<u64>) -> Operation {
        Operation { action, called: Duration::from_secs(called), returned: returned.map(Duration::from_secs) }
    }

    fn write(value: usize, called: u64, returned: u64) -> Operation {
        operation(Action::Write(value), called, Some(returned))
    }

    fn lost(value: usize, called: u64) -> Operation {
        operation(Action::Write(value), called, None)
    }

    fn read(value: usize, called: u64, returned: u64) -> Operation {
        operation(Action::Read(value), called, Some(returned))
    }

    #[test]
    fn what_can_have_happened_is_told_from_what_cannot() {
        for (can, history) in [
            (true, vec![write(1, 0, 1), read(1, 2, 3)]),
            (false, vec![write(1, 0, 1), read(0, 2, 3)]),
            (true, vec![write(1, 0, 5), read(0, 1, 2), read(1, 3, 4)]),
            (false, vec![write(1, 0, 5), read(1, 1, 2), read(0, 3, 4)]),
            // Two replicas show two changes in different orders.
            (false, vec![write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4), read(1, 5, 6)]),
            (true, vec![lost(1, 0), read(0, 1, 2), read(1, 3, 4)]),
            (true, vec![lost(1, 0), write(2, 1, 2), read(2, 3, 4), read(1, 5, 6)]),
            (false, vec![lost(1, 0), read(1, 1, 2), read(0, 3, 4)]),
            (false, vec![read(1, 0, 1), lost(1, 2)]),
        ] {
            assert_eq!(is_linearizable(0, &history), can, "{history:?}");
        }
    }

    /// All orders, one after the other.
    fn by_trying(value: usize, left: &[Operation]) -> bool {
        left.iter().all(|operation| operation.returned.is_none())
            || left.iter().enumerate().any(|(place, next)| {
                let begun = |other: &Operation| other.returned.is_none_or(|end| end >= next.called);
                let mut others = left.to_vec();
                others.remove(place);
                others.iter().all(begun)
                    && match next.action {
                        Action::Write(written) => by_trying(written, &others),
                        Action::Read(found) => found == value && by_trying(value, &others),
                    }
            })
    }

    fn histories() -> impl Strategy<Value = Vec<Operation>> {
        let one = (0_usize..4, 0_u64..12, 0_u64..6, any::<bool>(), 0..5);
        prop::collection::vec(one, 0..7).prop_map(|all| {
            let with_place = all.into_iter().enumerate();
            with_place
                .map(|(place, (value, called, takes, reads, fate))| match (reads, fate) {
                    (true, _) => read(value, called, called + takes),
                    (false, 0) => lost(place + 1, called),
                    (false, _) => write(place + 1, called, called + takes),
                })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_search_finds_what_trying_all_orders_finds(history in histories()) {
            prop_assert_eq!(is_linearizable(0, &history), by_trying(0, &history));
        }
    }
}
