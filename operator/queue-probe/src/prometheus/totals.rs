use std::collections::HashMap;

/// A counter of a queue out of counters of channels, which vanish with their channel: adds up what each of them has
/// grown by, from the first look on.
#[derive(Debug, Default)]
pub(super) struct Totals {
    total: u64,
    last: Option<HashMap<String, u64>>,
}

impl Totals {
    /// Takes all series of the counter as they are now, and gives the total since the first time.
    pub(super) fn add(&mut self, now: HashMap<String, u64>) -> u64 {
        if let Some(last) = &self.last {
            self.total += now
                .iter()
                // One that is lower than before has begun anew.
                .map(|(series, &value)| value.checked_sub(*last.get(series).unwrap_or(&0)).unwrap_or(value))
                .sum::<u64>();
        }
        self.last = Some(now);
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_goes_or_begins_anew_takes_nothing_away() {
        let mut totals = Totals::default();
        let series = |values: &[(&str, u64)]| {
            values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
        };
        assert_eq!(totals.add(series(&[("a", 100), ("b", 50)])), 0, "what was before the first look");
        assert_eq!(totals.add(series(&[("a", 110), ("b", 50)])), 10);
        assert_eq!(totals.add(series(&[("b", 51), ("c", 7)])), 18, "a has gone, c has come");
        assert_eq!(totals.add(series(&[("b", 2), ("c", 7)])), 20, "b has begun anew");
        assert_eq!(totals.add(series(&[])), 20);
    }
}
