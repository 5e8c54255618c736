use std::ops::Range;

use jiff::civil::Date;

use crate::schedule::utc;
use crate::time::{DAY_SLOTS, day_of_date};
use crate::{MAX_SLOTS, SLOT_MINUTES, SlotRange, SlotSet};

use super::PollTimes;

/// The slots that a poll asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    range: SlotRange,
    candidates: SlotSet,
    cells: Vec<Cell>,
}

/// What is answered as one: as many slots as the granularity says, or fewer where a clock change cuts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its slots in the layout's range.
    pub slots: Range<usize>,
    /// The date of the poll to which it belongs, in the organiser's zone; past midnight it is still that of the evening.
    pub date: Date,
}

/// Why a poll has no layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Its times do not exist on its dates: clocks skip them.
    #[error("clocks skip these times on all of these dates")]
    NoTime,
    /// A date outside the years from 2000 to 2199.
    #[error("{0} is not in the years from 2000 to 2199")]
    OutsideYears(Date),
    /// The first and the last date are too far apart.
    #[error("from {first} to {last} are more than 12 weeks")]
    TooLong {
        /// The first date.
        first: Date,
        /// The last date.
        last: Date,
    },
}

impl Layout {
    /// The slots of a poll on these dates (see [`PollTimes::dates`]): those whose own local time in the organiser's zone
    /// is asked about.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn new(times: &PollTimes, dates: &[Date]) -> Result<Layout, LayoutError> {
        let around = around(dates)?;
        let mut cells = cells(times, dates, around);
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
            return Err(LayoutError::NoTime);
        };
        let used = first.slots.start..last.slots.end;
        let start = used.start;
        for cell in &mut cells {
            cell.slots = cell.slots.start - start..cell.slots.end - start;
        }
        let range = around.part(used);
        if range.len() > MAX_SLOTS {
            return Err(too_long(dates));
        }
        let mut candidates = SlotSet::empty(range.len());
        for cell in &cells {
            candidates.insert_all(cell.slots.clone());
        }
        Ok(Layout { range, candidates, cells })
    }

    /// From the first slot of the poll to its last.
    pub fn range(&self) -> SlotRange {
        self.range
    }

    /// The slots that are asked about.
    pub fn candidates(&self) -> &SlotSet {
        &self.candidates
    }

    /// The cells, by time.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The most minutes without a break that are asked about: no meeting can be longer.
    pub fn longest_minutes(&self) -> u32 {
        let longest = self.candidates.runs().iter().map(|run| run.len()).max();
        longest.unwrap_or_default() as u32 * SLOT_MINUTES
    }
}

/// A range that surely holds the dates and the days after them in every zone.
fn around(dates: &[Date]) -> Result<SlotRange, LayoutError> {
    let (Some(&first), Some(&last)) = (dates.iter().min(), dates.iter().max()) else {
        return Err(LayoutError::NoTime);
    };
    if let Some(&outside) = dates.iter().find(|date| !(2000..2200).contains(&date.year())) {
        return Err(LayoutError::OutsideYears(outside));
    }
    let (first_day, end_day) = (day_of_date(first) - 1, day_of_date(last) + 3);
    // Far apart as they may be, no more is laid out than can be used.
    if (end_day - first_day) * DAY_SLOTS > MAX_SLOTS as i64 + 4 * DAY_SLOTS {
        return Err(LayoutError::TooLong { first, last });
    }
    Ok(SlotRange::of_slots(first_day * DAY_SLOTS, end_day * DAY_SLOTS))
}

fn too_long(dates: &[Date]) -> LayoutError {
    match (dates.iter().min(), dates.iter().max()) {
        (Some(&first), Some(&last)) => LayoutError::TooLong { first, last },
        _ => LayoutError::NoTime,
    }
}

fn cells(times: &PollTimes, dates: &[Date], range: SlotRange) -> Vec<Cell> {
    let step = i64::from(times.granularity().minutes() / SLOT_MINUTES);
    let rows = i64::from(times.day_minutes() / SLOT_MINUTES) / step;
    let runs = times.zone().offsets(range);
    let mut cells = Vec::new();
    for &date in dates {
        let start =
            day_of_date(date) * DAY_SLOTS + i64::from(u32::from(times.from().minutes()) / SLOT_MINUTES);
        for run in &runs {
            let rows = (0..rows).map(|row| start + row * step);
            let slots = rows.map(|local| utc(range, run, local..local + step));
            cells.extend(slots.filter(|slots| !slots.is_empty()).map(|slots| Cell { slots, date }));
        }
    }
    cells.sort_by_key(|cell| cell.slots.start);
    cells
}
