//! Polls laid out on the clocks of any zone.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{Granularity, Grid, Layout, PollDays, PollTimes, TimeOfDay, Weekday, Zone};
use proptest::prelude::*;

const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Cairo",
    "UTC",
];

fn layout(dates: &[&str], zone: &str, from: u16, to: u16, granularity: Granularity) -> Option<Layout> {
    let days = PollDays::Dates(dates.iter().map(|date| date.parse().unwrap()).collect());
    let time = |minutes| TimeOfDay::from_minutes(minutes).unwrap();
    let times = PollTimes::new(days, Zone::parse(zone).unwrap(), time(from), time(to), granularity).unwrap();
    Layout::new(&times, &times.dates(jiff::civil::date(2026, 1, 5), 0)).ok()
}

fn rows(grid: &Grid) -> Vec<String> {
    let text = |row: &domain::Row| format!("{}{}", row.time, if row.again { " again" } else { "" });
    grid.rows.iter().map(text).collect()
}

#[test]
fn in_the_zone_of_the_poll_columns_are_its_dates() {
    let layout =
        layout(&["2026-03-06", "2026-03-09"], "America/New_York", 540, 720, Granularity::Hour).unwrap();
    let grid = Grid::new(&layout, &Zone::parse("America/New_York").unwrap());
    let days: Vec<_> = grid.columns.iter().map(|column| (column.date.to_string(), column.day)).collect();
    assert_eq!(
        days,
        [("2026-03-06".to_owned(), Weekday::Friday), ("2026-03-09".to_owned(), Weekday::Monday)]
    );
    assert_eq!(rows(&grid), ["09:00", "10:00", "11:00"]);
    let [change] = &grid.changes[..] else { panic!("{:?}", grid.changes) };
    assert_eq!(change.at.to_string(), "2026-03-08T07:00:00Z");
    assert_eq!(
        (change.before.to_string(), change.after.to_string()),
        ("2026-03-08T02:00:00".to_owned(), "2026-03-08T03:00:00".to_owned())
    );
}

#[test]
fn in_another_zone_rows_are_where_its_clocks_are() {
    let layout =
        layout(&["2026-03-06", "2026-03-09"], "America/New_York", 540, 660, Granularity::Hour).unwrap();
    let grid = Grid::new(&layout, &Zone::parse("Asia/Kathmandu").unwrap());
    // New York's clocks change between the dates, Kathmandu's do not.
    assert_eq!(rows(&grid), ["18:45", "19:45", "20:45"]);
    assert_eq!(
        grid.cells.iter().map(|cell| (cell.column, cell.row)).collect::<Vec<_>>(),
        [(0, 1), (0, 2), (1, 0), (1, 1)]
    );
    assert!(grid.changes.is_empty());
}

#[test]
fn an_hour_that_comes_again_has_rows_of_its_own() {
    let layout =
        layout(&["2026-10-31", "2026-11-01"], "America/New_York", 0, 240, Granularity::Hour).unwrap();
    let grid = Grid::new(&layout, &Zone::parse("America/New_York").unwrap());
    assert_eq!(rows(&grid), ["00:00", "01:00", "01:00 again", "02:00", "03:00"]);
    let first_day = grid.cells.iter().filter(|cell| cell.column == 0).map(|cell| cell.row);
    assert_eq!(first_day.collect::<Vec<_>>(), [0, 1, 3, 4]);
    let london = Grid::new(&layout, &Zone::parse("Europe/London").unwrap());
    assert!(london.rows.iter().all(|row| !row.again) && london.changes.is_empty());
}

#[test]
fn a_poll_that_starts_in_the_repeated_hour_knows_it() {
    let layout = layout(&["2026-11-01"], "UTC", 360, 420, Granularity::Half).unwrap();
    let grid = Grid::new(&layout, &Zone::parse("America/New_York").unwrap());
    assert_eq!(rows(&grid), ["01:00 again", "01:30 again"]);
}

#[test]
fn midnight_that_comes_again_stays_with_its_date() {
    // In Cairo clocks go back to 23:00 when 29 October 2026 ends.
    let layout = layout(&["2026-10-29", "2026-10-30"], "UTC", 1140, 1380, Granularity::Hour).unwrap();
    let grid = Grid::new(&layout, &Zone::parse("Africa/Cairo").unwrap());
    assert_eq!(rows(&grid), ["00:00", "21:00", "22:00", "23:00", "23:00 again"]);
}

proptest! {
    #[test]
    fn every_cell_is_where_the_clock_says(
        poll_zone in prop::sample::select(ZONES.to_vec()),
        zone in prop::sample::select(ZONES.to_vec()),
        dates in prop::sample::subsequence(vec!["2026-03-07", "2026-03-08", "2026-03-29", "2026-04-04", "2026-04-05",
            "2026-04-24"], 1..5),
        from in 0u16..24, hours in 1u16..25,
        granularity in prop::sample::select(vec![Granularity::Quarter, Granularity::Half, Granularity::Hour]),
    ) {
        let to = (from + hours - 1) % 24 + 1;
        let layout = layout(&dates, poll_zone, from * 60, to * 60, granularity);
        prop_assume!(layout.is_some());
        let layout = layout.unwrap();
        let zone = Zone::parse(zone).unwrap();
        let grid = Grid::new(&layout, &zone);
        let mut seen = std::collections::BTreeMap::new();
        for (cell, asked) in grid.cells.iter().zip(layout.cells()) {
            let start = layout.range().instant(cell.slots.start);
            let local = start.to_zoned(zone.rules().clone());
            let row = grid.rows[cell.row];
            prop_assert_eq!(&cell.slots, &asked.slots);
            prop_assert_eq!(local.date(), grid.columns[cell.column].date);
            prop_assert_eq!(local.time().to_string(), format!("{}:00", row.time));
            // The time of a row comes again when the same local time is read as another instant, an earlier one.
            let ambiguous = zone.rules().to_ambiguous_timestamp(local.datetime());
            prop_assert_eq!(row.again, ambiguous.earlier().unwrap() < start);
            prop_assert_eq!(seen.insert((cell.column, cell.row), start), None, "two cells in one place");
        }
        prop_assert_eq!(grid.cells.len(), layout.cells().len());
        for (one, other) in seen.iter().zip(seen.iter().skip(1)) {
            // Down a column it becomes later.
            prop_assert!(one.0.0 != other.0.0 || one.1 < other.1);
        }
    }
}
