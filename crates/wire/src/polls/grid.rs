use domain::{Grid, SlotRange, TimeOfDay, Weekday, Zone};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Range,
    input::as_text,
    schema::{ClockTime, DateText, DayName, InstantText, ZoneName},
};

/// The reply of `GET /polls/{id}/grid`: a poll laid out on the clocks of a zone, so that no client computes with dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PollGrid {
    /// The poll's version.
    pub version: i64,
    /// The zone whose clocks show the columns and rows.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// Dates there, sorted.
    pub columns: Vec<GridColumn>,
    /// Times of day there, sorted.
    pub rows: Vec<GridRow>,
    /// What can be answered, by time. An answer is made of whole cells. Where a column has no cell in a row, the poll does not
    /// ask, or the clocks skip that time.
    pub cells: Vec<GridCell>,
    /// When the clocks there are set, by time.
    pub changes: Vec<GridChange>,
}

/// A date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridColumn {
    /// The date.
    #[serde(with = "as_text")]
    #[schema(value_type = DateText)]
    pub date: Date,
    /// Its weekday.
    #[serde(with = "as_text")]
    #[schema(value_type = DayName)]
    pub day: Weekday,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridRow {
    /// The time at which its cells start.
    #[serde(with = "as_text")]
    #[schema(value_type = ClockTime)]
    pub time: TimeOfDay,
    /// Whether it is the time that comes again when clocks are set back.
    pub again: bool,
}

/// What is answered as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridCell {
    /// Which column, from 0.
    pub column: usize,
    /// Which row, from 0.
    pub row: usize,
    /// When it is.
    #[serde(flatten)]
    pub range: Range,
    /// The first of its quarters of an hour, counted from the poll's first.
    pub slot: usize,
    /// How many quarters of an hour it has.
    pub slots: usize,
}

/// Clocks that are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridChange {
    /// When.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub at: Timestamp,
    /// What they would have shown.
    #[schema(value_type = String, example = "2026-03-08T02:00:00")]
    pub before: DateTime,
    /// What they show: later where times are skipped, earlier where they come again.
    #[schema(value_type = String, example = "2026-03-08T03:00:00")]
    pub after: DateTime,
}

impl PollGrid {
    /// The grid of a poll at a version, in whose slots of `range` the domain has laid it out.
    pub fn new(grid: Grid, range: SlotRange, time_zone: Zone, version: i64) -> PollGrid {
        let cell = |cell: domain::GridCell| GridCell {
            column: cell.column,
            row: cell.row,
            range: Range { start: range.instant(cell.slots.start), end: range.instant(cell.slots.end) },
            slot: cell.slots.start,
            slots: cell.slots.len(),
        };
        let column = |column: domain::Column| GridColumn { date: column.date, day: column.day };
        let change = |change: domain::ClockChange| GridChange {
            at: change.at,
            before: change.before,
            after: change.after,
        };
        PollGrid {
            version,
            time_zone,
            columns: grid.columns.into_iter().map(column).collect(),
            rows: grid.rows.into_iter().map(|row| GridRow { time: row.time, again: row.again }).collect(),
            cells: grid.cells.into_iter().map(cell).collect(),
            changes: grid.changes.into_iter().map(change).collect(),
        }
    }
}
