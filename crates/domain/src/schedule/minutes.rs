use std::ops::Range;

use crate::time::SLOT_MINUTES;

/// Minutes of a week or of a date, as sorted ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Minutes(Vec<Range<u32>>);

impl Minutes {
    /// All minutes that are in some of the ranges.
    pub(crate) fn union(ranges: impl IntoIterator<Item = Range<u32>>) -> Minutes {
        let mut sorted: Vec<Range<u32>> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
        sorted.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u32>> = Vec::new();
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Minutes(merged)
    }

    /// The minutes that the other has not.
    pub(crate) fn without(&self, other: &Minutes) -> Minutes {
        let mut rest = Vec::new();
        for range in &self.0 {
            let mut start = range.start;
            for hole in other.0.iter().filter(|hole| hole.start < range.end && hole.end > range.start) {
                rest.push(start..hole.start.max(start));
                start = hole.end;
            }
            rest.push(start..range.end.max(start));
        }
        Minutes::union(rest)
    }

    /// Whether all minutes of a range are there.
    pub(crate) fn cover(&self, range: &Range<u32>) -> bool {
        self.0.iter().any(|own| own.start <= range.start && range.end <= own.end)
    }

    pub(crate) fn ranges(&self) -> &[Range<u32>] {
        &self.0
    }

    /// The quarters of an hour that are wholly there: free time is rounded inwards.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Range<i64>> {
        let inwards = self
            .0
            .iter()
            .map(|range| i64::from(range.start.div_ceil(SLOT_MINUTES))..i64::from(range.end / SLOT_MINUTES));
        inwards.filter(|slots| !slots.is_empty())
    }
}
