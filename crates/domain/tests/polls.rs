//! Polls: which slots they ask about, what an answer can say, and what is kept of it when the poll changes.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::{
    Answer, AnswerFaultKind, Granularity, Layout, LayoutError, Level, LevelRange, PollDays, PollTimes,
    PollTimesFault, TimeOfDay, Weekday, Zone,
};
use jiff::Timestamp;

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn dates(dates: &[&str]) -> PollDays {
    PollDays::Dates(dates.iter().map(|date| date.parse().unwrap()).collect())
}

fn poll(
    days: PollDays,
    zone: &str,
    from: &str,
    to: &str,
    minutes: u32,
) -> Result<PollTimes, Vec<PollTimesFault>> {
    let granularity = Granularity::from_minutes(minutes).unwrap();
    PollTimes::new(days, Zone::parse(zone).unwrap(), time(from), time(to), granularity)
}

fn layout(days: &[&str], zone: &str, from: &str, to: &str, minutes: u32) -> Layout {
    let times = poll(dates(days), zone, from, to, minutes).unwrap();
    let dates = times.dates(jiff::civil::date(2026, 1, 5), 0);
    Layout::new(&times, &dates).unwrap()
}

fn range(start: &str, end: &str, level: Level) -> LevelRange {
    LevelRange { start: start.parse().unwrap(), end: end.parse().unwrap(), level }
}

#[test]
fn a_poll_asks_about_its_times_on_its_dates() {
    let layout = layout(&["2026-03-09", "2026-03-06"], "America/New_York", "09:00", "12:00", 30);
    let start: Timestamp = "2026-03-06T14:00:00Z".parse().unwrap();
    let end: Timestamp = "2026-03-09T16:00:00Z".parse().unwrap();
    assert_eq!((layout.range().start(), layout.range().end()), (start, end));
    assert_eq!(layout.candidates().count(), 24);
    assert_eq!((layout.cells().len(), layout.longest_minutes()), (12, 180));
}

#[test]
fn a_weekly_poll_asks_about_real_weeks() {
    let days = PollDays::Weekly(vec![Weekday::Friday, Weekday::Monday, Weekday::Monday]);
    let times = poll(days, "Europe/Berlin", "09:00", "10:00", 60).unwrap();
    let dates = times.dates(jiff::civil::date(2026, 3, 23), 2);
    let text: Vec<String> = dates.iter().map(|date| date.to_string()).collect();
    assert_eq!(text, ["2026-03-23", "2026-03-27", "2026-03-30", "2026-04-03"]);
    let layout = Layout::new(&times, &dates).unwrap();
    let starts = layout.cells().iter().map(|cell| layout.range().instant(cell.slots.start).to_string());
    // Clocks change on 29 March.
    let expected =
        ["2026-03-23T08:00:00Z", "2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z", "2026-04-03T07:00:00Z"];
    assert_eq!(starts.collect::<Vec<_>>(), expected);
}

#[test]
fn a_night_belongs_to_the_date_of_its_evening() {
    let layout = layout(&["2026-06-15"], "UTC", "22:00", "02:00", 60);
    assert_eq!(layout.cells().len(), 4);
    assert!(layout.cells().iter().all(|cell| cell.date.to_string() == "2026-06-15"));
    assert_eq!(layout.range().end().to_string(), "2026-06-16T02:00:00Z");
}

#[test]
fn clock_changes_take_cells_away_and_double_them() {
    let gap = layout(&["2026-03-08"], "America/New_York", "01:00", "04:00", 60);
    assert_eq!(gap.cells().len(), 2);
    let fold = layout(&["2026-11-01"], "America/New_York", "01:00", "04:00", 60);
    assert_eq!(fold.cells().len(), 4);
    let half = layout(&["2026-10-04"], "Australia/Lord_Howe", "01:00", "04:00", 60);
    assert_eq!(half.cells().iter().map(|cell| cell.slots.len()).collect::<Vec<_>>(), [4, 2, 4]);
    let never = poll(dates(&["2026-03-08"]), "America/New_York", "02:00", "03:00", 15).unwrap();
    let dates = never.dates(jiff::civil::date(2026, 1, 5), 0);
    assert_eq!(Layout::new(&never, &dates), Err(LayoutError::NoTime));
}

#[test]
fn a_poll_that_makes_no_sense_is_told_where() {
    let faults = |days, from, to, minutes| {
        let faults = poll(days, "UTC", from, to, minutes).unwrap_err();
        faults.iter().map(|fault| fault.field()).collect::<Vec<_>>()
    };
    assert_eq!(faults(dates(&[]), "09:00", "17:00", 15), ["days"]);
    assert_eq!(faults(PollDays::Weekly(vec![]), "24:00", "17:00", 15), ["days", "from"]);
    assert_eq!(faults(dates(&["2026-06-15"]), "09:10", "17:00", 15), ["from"]);
    assert_eq!(faults(dates(&["2026-06-15"]), "09:00", "17:30", 60), ["to"]);
    let long = poll(dates(&["2026-01-01", "2026-12-31"]), "UTC", "09:00", "17:00", 15).unwrap();
    let too_long = Layout::new(&long, &long.dates(jiff::civil::date(2026, 1, 5), 0));
    assert!(matches!(too_long, Err(LayoutError::TooLong { .. })), "{too_long:?}");
    let early = poll(dates(&["1999-12-31"]), "UTC", "09:00", "17:00", 15).unwrap();
    let outside = Layout::new(&early, &early.dates(jiff::civil::date(2026, 1, 5), 0));
    assert!(matches!(outside, Err(LayoutError::OutsideYears(_))), "{outside:?}");
    let whole = poll(dates(&["2026-01-01", "2026-03-25"]), "UTC", "00:00", "24:00", 15).unwrap();
    assert_eq!(
        Layout::new(&whole, &whole.dates(jiff::civil::date(2026, 1, 5), 0)).unwrap().range().len(),
        8_064
    );
}

#[test]
fn an_answer_is_read_from_its_ranges() {
    let layout = layout(&["2026-06-15"], "UTC", "09:00", "12:00", 30);
    let ranges = [
        range("2026-06-15T09:00:00Z", "2026-06-15T11:00:00Z", Level::IfNeeded),
        range("2026-06-15T10:00:00Z", "2026-06-15T10:30:00Z", Level::Yes),
    ];
    let answer = Answer::of_ranges(&layout, &ranges).unwrap();
    assert_eq!(answer.levels.yes().count(), 2);
    assert_eq!(answer.levels.available().count(), 8);
    assert_eq!(answer.unknown(&layout), None);
    let written = answer.levels.ranges(layout.range());
    assert_eq!(Answer::of_ranges(&layout, &written).unwrap(), answer);
}

#[test]
fn an_answer_off_the_grid_or_outside_the_poll_is_refused() {
    let layout = layout(&["2026-06-15", "2026-06-16"], "UTC", "09:00", "12:00", 30);
    let day = |from: &str, to: &str| {
        range(&format!("2026-06-15T{from}:00Z"), &format!("2026-06-15T{to}:00Z"), Level::Yes)
    };
    let ranges = [
        day("09:00", "09:30"),
        day("09:00", "09:00"),
        day("10:00", "09:00"),
        day("08:30", "09:30"),
        day("11:30", "12:30"),
        day("09:15", "10:00"),
        day("09:00", "09:59"),
        range("2026-06-15T11:00:00Z", "2026-06-16T10:00:00Z", Level::Yes),
        range("2026-06-15T09:00:00.5Z", "2026-06-15T10:00:00Z", Level::Yes),
        range("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z", Level::Yes),
    ];
    let faults = Answer::of_ranges(&layout, &ranges).unwrap_err();
    let found: Vec<_> = faults.iter().map(|fault| (fault.index, fault.kind)).collect();
    use AnswerFaultKind::{Empty, OffGrid, OutsidePoll};
    let expected = [
        (1, Empty),
        (2, Empty),
        (3, OutsidePoll),
        (4, OutsidePoll),
        (5, OffGrid),
        (6, OffGrid),
        (7, OutsidePoll),
        (8, OffGrid),
        (9, OutsidePoll),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_date_taken_away_takes_its_answers_and_one_left_in_keeps_them() {
    let before = layout(&["2026-06-15", "2026-06-16"], "UTC", "09:00", "12:00", 60);
    let ranges = [
        range("2026-06-15T09:00:00Z", "2026-06-15T10:00:00Z", Level::Yes),
        range("2026-06-16T10:00:00Z", "2026-06-16T12:00:00Z", Level::IfNeeded),
    ];
    let answer = Answer::of_ranges(&before, &ranges).unwrap();
    let after = layout(&["2026-06-16", "2026-06-17"], "UTC", "08:00", "11:00", 60);
    let kept = answer.carried(&before, &after);
    let expected = [range("2026-06-16T10:00:00Z", "2026-06-16T11:00:00Z", Level::IfNeeded)];
    assert_eq!(kept.levels.ranges(after.range()), expected);
    let unknown = kept.unknown(&after).unwrap();
    // 08:00 of the date that stays, and the whole of the new one.
    assert_eq!(unknown.count(), 4 + 12);
    let back = kept.carried(&after, &before);
    assert_eq!(back.unknown(&before).unwrap().count(), 12 + 4);
}
