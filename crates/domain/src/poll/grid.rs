use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::time::{DAY_SLOTS, OffsetRun};
use crate::{SLOT_MINUTES, SlotRange, TimeOfDay, Weekday, Zone};

use super::Layout;

/// A poll as a table on the clocks of a zone: a column for each local date, a row for each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The columns, by date.
    pub columns: Vec<Column>,
    /// The rows, by time.
    pub rows: Vec<Row>,
    /// The cells, by time. Where a column has no cell in a row, the poll does not ask, or the clock skips that time.
    pub cells: Vec<GridCell>,
    /// The changes of the zone's clocks from the first cell to the last, by time.
    pub changes: Vec<ClockChange>,
}

/// A local date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The date.
    pub date: Date,
    /// Its day of the week.
    pub day: Weekday,
}

/// A local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// When its cells start.
    pub time: TimeOfDay,
    /// Whether it is the time that comes again when clocks are set back.
    pub again: bool,
}

/// A cell of the poll in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCell {
    /// Its column, from 0.
    pub column: usize,
    /// Its row, from 0.
    pub row: usize,
    /// Its slots in the layout's range.
    pub slots: Range<usize>,
}

/// Clocks that are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// When.
    pub at: Timestamp,
    /// What they would have shown.
    pub before: DateTime,
    /// What they show: later where times are skipped, earlier where they come again.
    pub after: DateTime,
}

/// Where a cell is on the clock.
struct Place {
    date: Date,
    row: Row,
    /// By what rows are sorted: times that come again follow those that they repeat.
    order: (i64, bool, i64),
}

impl Grid {
    /// The poll of a layout on the clocks of a zone.
    pub fn new(layout: &Layout, zone: &Zone) -> Grid {
        // A day earlier, to see whether a time at the start is there for the second time.
        let range = layout.range();
        let around = SlotRange::of_slots(range.first() - DAY_SLOTS, range.first() + range.len() as i64);
        let runs = zone.offsets(around);
        let places: Vec<Place> = layout
            .cells()
            .iter()
            .map(|cell| place(zone, around, &runs, cell.slots.start + DAY_SLOTS as usize))
            .collect();
        let dates: BTreeSet<Date> = places.iter().map(|place| place.date).collect();
        let rows: BTreeMap<_, Row> = places.iter().map(|place| (place.order, place.row)).collect();
        let columns: BTreeMap<Date, usize> =
            dates.iter().enumerate().map(|(column, &date)| (date, column)).collect();
        let order: BTreeMap<_, usize> = rows.keys().enumerate().map(|(row, &order)| (order, row)).collect();
        let cells = places.iter().zip(layout.cells()).map(|(place, cell)| GridCell {
            column: columns[&place.date],
            row: order[&place.order],
            slots: cell.slots.clone(),
        });
        Grid {
            columns: dates.iter().map(|&date| Column { date, day: Weekday::of(date) }).collect(),
            cells: cells.collect(),
            changes: changes(zone, range),
            rows: rows.into_values().collect(),
        }
    }
}

fn place(zone: &Zone, around: SlotRange, runs: &[OffsetRun], slot: usize) -> Place {
    let local = zone.local(around.instant(slot));
    let minutes = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let time = TimeOfDay::from_minutes(minutes as u16).unwrap_or(TimeOfDay::MIDNIGHT);
    let repeated = runs.windows(2).find_map(|pair| {
        let back = pair[0].offset - pair[1].offset;
        let since = slot as i64 - pair[1].slots.start as i64;
        (back > 0 && (0..back).contains(&since)).then_some((back - since) * i64::from(SLOT_MINUTES))
    });
    let order = match repeated {
        Some(left) => (minutes + left, false, minutes),
        None => (minutes, true, minutes),
    };
    Place { date: local.date(), row: Row { time, again: repeated.is_some() }, order }
}

fn changes(zone: &Zone, range: SlotRange) -> Vec<ClockChange> {
    let within = zone.rules().following(range.start()).take_while(|change| change.timestamp() < range.end());
    let changes = within.map(|change| {
        let at = change.timestamp();
        let moment = jiff::SignedDuration::from_nanos(1);
        let just_before = at.checked_sub(moment).unwrap_or(at);
        let before = zone.local(just_before).checked_add(moment).unwrap_or(zone.local(just_before));
        ClockChange { at, before, after: zone.local(at) }
    });
    // Zones also change their names, or their laws, without setting clocks.
    changes.filter(|change| change.before != change.after).collect()
}
