use std::ops::Range;

use domain::{Levels, SlotSet};

/// Consecutive slots that are shown as one. A person is free in a cell when they are throughout it.
pub(super) struct Cells(Vec<Range<usize>>);

impl Cells {
    /// These cells, which do not overlap, by their start.
    pub(super) fn new(cells: Vec<Range<usize>>) -> Cells {
        Cells(cells)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The cells that are wholly within the set, as ranges of their numbers.
    pub(super) fn within(&self, slots: &SlotSet) -> Vec<Range<usize>> {
        let covered = slots.runs().into_iter().map(|run| {
            let first = self.0.partition_point(|cell| cell.start < run.start);
            let end = self.0.partition_point(|cell| cell.end <= run.end);
            first..end.max(first)
        });
        covered.filter(|cells| !cells.is_empty()).collect()
    }

    /// One digit for each cell: 0 no, 1 if needed, 2 yes.
    pub(super) fn digits(&self, levels: &Levels) -> String {
        let mut digits = vec![b'0'; self.len()];
        for (slots, digit) in [(levels.available(), b'1'), (levels.yes(), b'2')] {
            for cells in self.within(slots) {
                digits[cells].fill(digit);
            }
        }
        digits.into_iter().map(char::from).collect()
    }
}

/// Numbers that grow by whole ranges of cells at a time.
pub(super) struct Counts(Vec<i64>);

impl Counts {
    pub(super) fn new(cells: usize) -> Counts {
        Counts(vec![0; cells + 1])
    }

    /// Counts one more at each of these cells.
    pub(super) fn add(&mut self, cells: &Range<usize>) {
        self.0[cells.start] += 1;
        self.0[cells.end] -= 1;
    }

    /// How many there are at each cell.
    pub(super) fn totals(self) -> Vec<u32> {
        let cells = self.0.len() - 1;
        let totals = self.0.into_iter().take(cells).scan(0, |sum, change| {
            *sum += change;
            Some(u32::try_from(*sum).unwrap_or_default())
        });
        totals.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cell_counts_for_whoever_is_free_throughout_it(
            widths in prop::collection::vec((0..3_usize, 1..5_usize), 1..20),
            people in prop::collection::vec(prop::collection::vec(0..150_usize, 0..120), 0..6),
        ) {
            let mut end = 0;
            let cells: Vec<Range<usize>> = widths.iter().map(|(gap, width)| {
                let start = end + gap;
                end = start + width;
                start..end
            }).collect();
            let cells = Cells::new(cells);
            let mut counts = Counts::new(cells.len());
            let mut expected = vec![0; cells.len()];
            for slots in &people {
                let mut free = SlotSet::empty(150);
                slots.iter().for_each(|&slot| free.insert_all(slot..slot + 1));
                cells.within(&free).iter().for_each(|covered| counts.add(covered));
                for (count, cell) in expected.iter_mut().zip(&cells.0) {
                    *count += u32::from(free.contains_all(cell.clone()));
                }
            }
            prop_assert_eq!(counts.totals(), expected);
        }
    }
}
