use std::collections::BTreeMap;

/// Most distributions of burden that are followed at once, times the people whose burdens they hold.
const MOST_NUMBERS: usize = 1 << 19;

/// A time for each week such that the burden is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Which of the options each week takes; none where it has none.
    pub choices: Vec<Option<usize>>,
    /// What each person bears over all weeks.
    pub burdens: Vec<u32>,
    /// Whether no other choice is better. For many people, weeks and options it is only a good one.
    pub exact: bool,
}

/// Chooses an option for each week such that the largest burden over all weeks is least, then the second largest, and so on;
/// of equal choices the one that takes earlier options first. `weeks[week][option]` is what each person would bear, such as
/// minutes outside working hours; none where the option is not there that week.
///
/// Week by week all distributions of burden that there can be are followed, each once, without those that cannot become
/// better than a choice already known.
pub fn rotation(people: usize, weeks: &[Vec<Option<Vec<u32>>>]) -> Rotation {
    rotation_within(people, weeks, (MOST_NUMBERS / people.max(1)).max(1))
}

/// The same, following at most so many distributions of burden at once.
fn rotation_within(people: usize, weeks: &[Vec<Option<Vec<u32>>>], most: usize) -> Rotation {
    let greedy = greedy(people, weeks);
    let known = sorted(&greedy.0);
    let rest = least_rest(people, weeks);
    let mut states = BTreeMap::from([(vec![0; people], Vec::new())]);
    let mut exact = true;
    for (week, rest) in weeks.iter().zip(&rest[1..]) {
        states = next(&states, week);
        states.retain(|burdens, _| bound(burdens, rest) <= known);
        if states.len() > most {
            let mut kept: Vec<_> = states.into_iter().collect();
            kept.sort_by_cached_key(|(burdens, choices)| (bound(burdens, rest), choices.clone()));
            kept.truncate(most);
            states = kept.into_iter().collect();
            exact = false;
        }
    }
    let best = states.into_iter().min_by_key(|(burdens, choices)| (sorted(burdens), choices.clone()));
    // What became of those that were kept may all be worse.
    let (burdens, choices) = best.unwrap_or(greedy);
    Rotation { choices, burdens, exact }
}

type Choices = Vec<Option<usize>>;

/// What there can be a week later; of choices with the same burdens the first.
fn next(states: &BTreeMap<Vec<u32>, Choices>, week: &[Option<Vec<u32>>]) -> BTreeMap<Vec<u32>, Choices> {
    let mut next: BTreeMap<Vec<u32>, Choices> = BTreeMap::new();
    for (burdens, choices) in states {
        for (option, added) in options(week) {
            let sum = match added {
                Some(added) => plus(burdens, added),
                None => burdens.clone(),
            };
            let mut taken = choices.clone();
            taken.push(option);
            let kept = next.entry(sum).or_insert_with(|| taken.clone());
            if taken < *kept {
                *kept = taken;
            }
        }
    }
    next
}

/// The options of a week; one that is none when it has none.
fn options(week: &[Option<Vec<u32>>]) -> Vec<(Option<usize>, Option<&Vec<u32>>)> {
    let there: Vec<_> = week
        .iter()
        .enumerate()
        .filter_map(|(option, added)| added.as_ref().map(|added| (Some(option), Some(added))))
        .collect();
    if there.is_empty() { vec![(None, None)] } else { there }
}

/// Week by week the option that keeps the burdens least.
fn greedy(people: usize, weeks: &[Vec<Option<Vec<u32>>>]) -> (Vec<u32>, Choices) {
    weeks.iter().fold((vec![0; people], Vec::new()), |(burdens, mut choices), week| {
        let sums = options(week).into_iter().map(|(option, added)| match added {
            Some(added) => (plus(&burdens, added), option),
            None => (burdens.clone(), option),
        });
        let (burdens, option) = sums.min_by_key(|(sum, _)| sorted(sum)).unwrap_or((burdens.clone(), None));
        choices.push(option);
        (burdens, choices)
    })
}

/// What each person bears at least from each week on.
fn least_rest(people: usize, weeks: &[Vec<Option<Vec<u32>>>]) -> Vec<Vec<u32>> {
    let mut rest = vec![vec![0; people]];
    for week in weeks.iter().rev() {
        let of =
            |person: usize| week.iter().flatten().filter_map(move |added| added.get(person)).min().copied();
        let least = (0..people).map(|person| of(person).unwrap_or_default());
        let after = rest[rest.len() - 1].clone();
        rest.push(plus(&after, &least.collect::<Vec<_>>()));
    }
    rest.reverse();
    rest
}

/// The best that burdens can become.
fn bound(burdens: &[u32], rest: &[u32]) -> Vec<u32> {
    sorted(&plus(burdens, rest))
}

fn plus(one: &[u32], other: &[u32]) -> Vec<u32> {
    one.iter().zip(other).map(|(one, other)| one.saturating_add(*other)).collect()
}

/// The largest first.
fn sorted(burdens: &[u32]) -> Vec<u32> {
    let mut sorted = burdens.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_not_followed_to_its_end_is_still_a_rotation(
            weeks in prop::collection::vec(prop::collection::vec(prop::collection::vec(0u32..5, 3), 1..5), 1..8),
            most in 1usize..20,
        ) {
            let weeks: Vec<Vec<_>> = weeks.into_iter().map(|week| week.into_iter().map(Some).collect()).collect();
            let found = rotation_within(3, &weeks, most);
            prop_assert_eq!(found.choices.len(), weeks.len());
            let taken = weeks.iter().zip(&found.choices).map(|(week, choice)| {
                choice.and_then(|option| week[option].clone()).unwrap_or_else(|| vec![u32::MAX; 3])
            });
            let burdens = taken.fold(vec![0; 3], |burdens, added| plus(&burdens, &added));
            prop_assert_eq!(&found.burdens, &burdens);
            prop_assert!(sorted(&burdens) <= sorted(&greedy(3, &weeks).0), "at least as fair as week by week");
        }
    }
}
