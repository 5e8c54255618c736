//! Files in the manner of the programs that make most of them, written by hand from the standards.

use wire::Range;

use super::*;

#[track_caller]
fn is_busy(file: &str, expected: &[&str]) {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let owner = Owner { key: Key::of("ada@example.com").unwrap(), zone, unanswered_is_busy: true };
    let at = |text: &str| text.parse().unwrap();
    let year = Range { start: at("2026-01-01T00:00:00Z"), end: at("2027-01-01T00:00:00Z") };
    // Files come with either kind of line.
    for file in [file.to_owned(), file.replace('\n', "\r\n")] {
        let read = read(file.as_bytes(), &owner, year).unwrap();
        assert_eq!(read.problems, []);
        let short = |instant: Timestamp| instant.strftime("%m-%dT%H:%M").to_string();
        let busy = read.busy.iter().map(|range| format!("{}/{}", short(range.start), short(range.end)));
        assert_eq!(busy.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn google_has_series_with_moved_and_left_out_occurrences() {
    is_busy(
        include_str!("../../tests/vendor-calendars/google.ics"),
        &[
            "03-16T08:30/03-16T08:45",
            "03-24T14:00/03-24T14:30",
            "03-30T07:30/03-30T07:45",
            "04-13T07:30/04-13T07:45",
        ],
    );
}

#[test]
fn outlook_has_its_own_names_of_zones() {
    is_busy(
        include_str!("../../tests/vendor-calendars/outlook.ics"),
        &[
            "03-16T09:00/03-16T10:00",
            "03-17T09:00/03-17T10:00",
            "03-19T09:00/03-19T10:00",
            "03-20T09:00/03-20T10:00",
            "03-20T23:00/03-21T23:00",
        ],
    );
}

#[test]
fn exchange_has_zones_without_a_name_and_occurrences_without_their_series() {
    is_busy(
        include_str!("../../tests/vendor-calendars/exchange.ics"),
        &[
            "03-18T08:00/03-18T08:30",
            "03-19T20:00/03-19T21:00",
            "03-25T08:00/03-25T08:30",
            "04-01T07:00/04-01T07:30",
        ],
    );
}

#[test]
fn apple_has_whole_days_and_times_without_a_zone_which_are_the_owners() {
    is_busy(
        include_str!("../../tests/vendor-calendars/apple.ics"),
        &[
            "03-05T23:00/03-06T00:00",
            "03-15T23:00/03-16T23:00",
            "03-18T10:00/03-18T11:00",
            "04-02T22:00/04-02T23:00",
        ],
    );
}

#[test]
fn nextcloud_has_dates_of_their_own_and_events_over_clock_changes() {
    is_busy(
        include_str!("../../tests/vendor-calendars/nextcloud.ics"),
        &["03-26T10:00/03-26T10:45", "03-28T23:00/03-29T02:00", "03-31T09:00/03-31T09:45"],
    );
}

#[test]
fn thunderbird_has_zones_from_their_beginning_and_tasks() {
    is_busy(
        include_str!("../../tests/vendor-calendars/thunderbird.ics"),
        &["03-20T04:30/03-20T05:30", "04-17T04:30/04-17T05:30"],
    );
}
