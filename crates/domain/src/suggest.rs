use crate::{Preference, Slot, WeekHours};

/// The slots to propose from the `common` hours: one for each distinct preference, in the order in which
/// the people were given, each slot once. Nothing in common gives nothing.
///
/// `pick(n)` answers a number in `0..n` and decides for [`Preference::Random`]; randomness stays with the
/// caller, so the same `pick` gives the same suggestions.
pub fn suggest(
    common: WeekHours,
    preferences: &[Preference],
    mut pick: impl FnMut(usize) -> usize,
) -> Vec<Slot> {
    let mut asked = Vec::new();
    let mut suggestions = Vec::new();
    for &preference in preferences {
        if asked.contains(&preference) {
            continue;
        }
        asked.push(preference);
        let slot = match preference {
            Preference::First => common.slots().next(),
            Preference::Last => common.slots().next_back(),
            Preference::Random => match common.count() {
                0 => None,
                count => common.slots().nth(pick(count)),
            },
        };
        suggestions.extend(slot.filter(|slot| !suggestions.contains(slot)));
    }
    suggestions
}
