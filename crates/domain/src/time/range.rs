use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

use super::SLOT_SECONDS;

/// Length of a slot. Every offset from UTC in use is a multiple of it.
pub const SLOT_MINUTES: u32 = 15;
/// Most slots of a range: 12 weeks, and a day more than that for local weeks that are longer.
pub const MAX_SLOTS: usize = 8_192;

/// Ranges lie in the years from 2000 to 2199, in which the rules of all zones are known, or as good as they can be.
const FIRST_SECOND: i64 = 946_684_800;
const END_SECOND: i64 = 7_258_118_400;

/// Consecutive UTC slots: what the bitmaps of one question cover. Slot 0 is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotRange {
    /// Slots since 1970-01-01T00:00Z.
    first: i64,
    len: usize,
}

/// Why there is no such range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Its end is not after its start.
    #[error("the end must be after the start")]
    Empty,
    /// An instant that is not on a quarter of an hour.
    #[error("{0} is not on a quarter of an hour")]
    OffGrid(Timestamp),
    /// An instant outside the years from 2000 to 2199.
    #[error("{0} is not in the years from 2000 to 2199")]
    OutsideYears(Timestamp),
    /// More slots than [`MAX_SLOTS`].
    #[error("{slots} quarters of an hour are more than {MAX_SLOTS}, which are 12 weeks")]
    TooLong {
        /// How many it has.
        slots: u64,
    },
}

impl SlotRange {
    /// The slots from one instant to another, both of them on the grid.
    ///
    /// # Errors
    /// [`RangeError`], in the order of its variants.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<SlotRange, RangeError> {
        if to <= from {
            return Err(RangeError::Empty);
        }
        for instant in [from, to] {
            if SlotRange::slot_starting_at(instant).is_none() {
                return Err(RangeError::OffGrid(instant));
            }
        }
        SlotRange::covering(from, to)
    }

    /// The slots that touch the time from one instant to another: rounded outwards to the grid.
    ///
    /// # Errors
    /// [`RangeError`] but for `OffGrid`.
    pub fn covering(from: Timestamp, to: Timestamp) -> Result<SlotRange, RangeError> {
        if to <= from {
            return Err(RangeError::Empty);
        }
        let years = FIRST_SECOND..=END_SECOND;
        if let Some(outside) = [from, to].into_iter().find(|instant| !years.contains(&instant.as_second())) {
            return Err(RangeError::OutsideYears(outside));
        }
        let (first, end) = outwards(from, to);
        let slots = end.abs_diff(first);
        match usize::try_from(slots) {
            Ok(len) if len <= MAX_SLOTS => Ok(SlotRange { first, len }),
            _ => Err(RangeError::TooLong { slots }),
        }
    }

    /// Slots `first..end` since 1970; for what is known to be within the years.
    pub(crate) fn of_slots(first: i64, end: i64) -> SlotRange {
        SlotRange { first, len: usize::try_from(end - first).unwrap_or_default() }
    }

    /// The part of it that is given by slots of it; cut to what there is.
    #[must_use]
    pub(crate) fn part(self, slots: Range<usize>) -> SlotRange {
        let end = slots.end.min(self.len);
        let start = slots.start.min(end);
        SlotRange { first: self.first + start as i64, len: end - start }
    }

    /// When the first slot starts.
    pub fn start(self) -> Timestamp {
        self.instant(0)
    }

    /// When the last slot ends.
    pub fn end(self) -> Timestamp {
        self.instant(self.len)
    }

    /// How many slots, at most [`MAX_SLOTS`].
    #[expect(clippy::len_without_is_empty, reason = "no range is empty")]
    pub fn len(self) -> usize {
        self.len
    }

    /// When a slot starts.
    pub fn instant(self, slot: usize) -> Timestamp {
        let second = (self.first + slot as i64) * SLOT_SECONDS;
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// The slot of the range that starts at this instant; the end of the range counts, with its length.
    pub fn index_of(self, instant: Timestamp) -> Option<usize> {
        let slot = SlotRange::slot_starting_at(instant)?;
        usize::try_from(slot - self.first).ok().filter(|&index| index <= self.len)
    }

    /// The slots of the range that the time from one instant to another touches; none when it is elsewhere.
    pub fn touched(self, from: Timestamp, to: Timestamp) -> Range<usize> {
        if to <= from {
            return 0..0;
        }
        let (first, end) = outwards(from, to);
        self.clip(first..end)
    }

    /// Slots since 1970 as slots of the range, cut to it.
    pub(crate) fn clip(self, slots: Range<i64>) -> Range<usize> {
        let inside = |slot: i64| (slot - self.first).clamp(0, self.len as i64) as usize;
        inside(slots.start)..inside(slots.end)
    }

    /// The number since 1970 of its first slot.
    pub(crate) fn first(self) -> i64 {
        self.first
    }

    fn slot_starting_at(instant: Timestamp) -> Option<i64> {
        let on_grid = instant.as_second() % SLOT_SECONDS == 0 && instant.subsec_nanosecond() == 0;
        on_grid.then(|| instant.as_second() / SLOT_SECONDS)
    }
}

fn outwards(from: Timestamp, to: Timestamp) -> (i64, i64) {
    let first = from.as_nanosecond().div_euclid(i128::from(SLOT_SECONDS) * 1_000_000_000);
    let end = (to.as_nanosecond() - 1).div_euclid(i128::from(SLOT_SECONDS) * 1_000_000_000) + 1;
    // An instant has far fewer slots than fit.
    (first as i64, end as i64)
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days from 1970-01-01 to a date.
pub(crate) fn day_of_date(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}
