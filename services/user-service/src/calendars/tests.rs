use std::time::Instant as Clock;

use jiff::Timestamp;
use proptest::prelude::*;
use wire::Range;

use super::*;

fn owner() -> Owner {
    let zone = Zone::parse("America/New_York").unwrap();
    Owner { key: Key::of("ada@example.com").unwrap(), zone, unanswered_is_busy: true }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn year() -> Range {
    Range { start: at("2026-01-01T00:00:00Z"), end: at("2027-01-01T00:00:00Z") }
}

/// A calendar of these lines.
fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", lines.trim().replace('\n', "\r\n"))
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:one\n{}\nEND:VEVENT", lines.trim()))
}

/// Busy times as `start/end`, shortened, and the messages of the problems.
fn busy(file: &str) -> (Vec<String>, Vec<String>) {
    let read = read(file.as_bytes(), &owner(), year()).unwrap();
    let short = |instant: Timestamp| instant.to_string().replace(":00Z", "Z");
    let busy = read.busy.iter().map(|range| format!("{}/{}", short(range.start), short(range.end)));
    (busy.collect(), read.problems.into_iter().map(|problem| problem.msg).collect())
}

#[track_caller]
fn is_busy(file: &str, expected: &[&str]) {
    let (busy, problems) = busy(file);
    assert_eq!(problems, [] as [&str; 0]);
    assert_eq!(busy, expected);
}

#[test]
fn a_fold_is_its_first_time_and_a_gap_has_the_offset_before_it() {
    for (start, end, expected) in [
        ("20261101T013000", "20261101T020000", "2026-11-01T05:30Z/2026-11-01T07:00Z"),
        ("20260308T023000", "20260308T033000", "2026-03-08T07:30Z/2026-03-08T07:30Z"),
    ] {
        let file =
            event(&format!("DTSTART;TZID=America/New_York:{start}\nDTEND;TZID=America/New_York:{end}"));
        let (busy, _) = busy(&file);
        let (from, to) = expected.split_once('/').unwrap();
        if from == to { assert_eq!(busy, [] as [&str; 0]) } else { assert_eq!(busy, [expected]) }
    }
    // A recurrence through both changes.
    let daily = "DTSTART;TZID=America/New_York:20260307T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3";
    is_busy(
        &event(daily),
        &[
            "2026-03-07T07:30Z/2026-03-07T08:00Z",
            "2026-03-08T07:30Z/2026-03-08T08:00Z",
            "2026-03-09T06:30Z/2026-03-09T07:00Z",
        ],
    );
    let daily = "DTSTART;TZID=America/New_York:20261031T013000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3";
    is_busy(
        &event(daily),
        &[
            "2026-10-31T05:30Z/2026-10-31T06:00Z",
            "2026-11-01T05:30Z/2026-11-01T06:00Z",
            "2026-11-02T06:30Z/2026-11-02T07:00Z",
        ],
    );
}

#[test]
fn what_is_transparent_cancelled_or_declined_keeps_nobody_busy() {
    let times = "DTSTART:20260601T100000Z\nDTEND:20260601T110000Z";
    let one = ["2026-06-01T10:00Z/2026-06-01T11:00Z"];
    let none: [&str; 0] = [];
    for (lines, expected) in [
        ("SUMMARY:Secret", &one[..]),
        ("TRANSP:OPAQUE\nSTATUS:TENTATIVE", &one),
        ("TRANSP:TRANSPARENT", &none),
        ("STATUS:CANCELLED", &none),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:ADA@example.com", &none),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com", &one),
        ("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com", &one),
    ] {
        is_busy(&event(&format!("{times}\n{lines}")), expected);
    }
    let unanswered = event(&format!("{times}\nATTENDEE;PARTSTAT=NEEDS-ACTION:MAILTO:ada@example.com"));
    let lenient = Owner { unanswered_is_busy: false, ..owner() };
    assert_eq!(read(unanswered.as_bytes(), &lenient, year()).unwrap().busy, []);
}

#[test]
fn whole_days_are_those_of_the_owner() {
    is_busy(&event("DTSTART;VALUE=DATE:20260308"), &["2026-03-08T05:00Z/2026-03-09T04:00Z"]);
    let two = event("DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260603");
    is_busy(&two, &["2026-06-01T04:00Z/2026-06-03T04:00Z"]);
}

#[test]
fn zones_are_those_of_iana_of_windows_of_the_file_and_else_the_owners() {
    let expected = ["2026-06-01T08:00Z/2026-06-01T09:00Z"];
    for zone in ["Europe/Berlin", "W. Europe Standard Time", "/freeassociation.sourceforge.net/Europe/Berlin"]
    {
        is_busy(&event(&format!("DTSTART;TZID={zone}:20260601T100000\nDURATION:PT1H")), &expected);
    }
    let floating = "BEGIN:VEVENT\nUID:x\nDTSTART:20260601T100000\nDURATION:PT1H\nEND:VEVENT";
    is_busy(&calendar(floating), &["2026-06-01T14:00Z/2026-06-01T15:00Z"]);
    is_busy(&calendar(&format!("X-WR-TIMEZONE:Europe/Berlin\n{floating}")), &expected);
    let custom = "BEGIN:VTIMEZONE\nTZID:Ours\n\
        BEGIN:STANDARD\nDTSTART:19961027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:19960331T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n\
        END:VTIMEZONE";
    for (start, expected) in
        [("20260601T100000", "2026-06-01T08:00Z"), ("20260201T100000", "2026-02-01T09:00Z")]
    {
        let lines =
            format!("{custom}\nBEGIN:VEVENT\nUID:x\nDTSTART;TZID=Ours:{start}\nDURATION:PT1H\nEND:VEVENT");
        let (busy, problems) = busy(&calendar(&lines));
        assert!(busy[0].starts_with(expected) && problems.is_empty(), "{busy:?} {problems:?}");
    }
    let unknown = busy(&event("DTSTART;TZID=Mars:20260601T100000\nDURATION:PT1H"));
    assert_eq!((unknown.0.len(), unknown.1[0].contains("Mars")), (0, true));
}

#[test]
fn recurrences_have_exceptions_additions_and_replacements() {
    let weekly = "DTSTART;TZID=Europe/London:20260302T100000\nDURATION:PT1H\n";
    is_busy(
        &event(&format!("{weekly}RRULE:FREQ=WEEKLY;COUNT=4;UNTIL=20260316T100000Z\nEXDATE:20260309T100000Z")),
        &["2026-03-02T10:00Z/2026-03-02T11:00Z", "2026-03-16T10:00Z/2026-03-16T11:00Z"],
    );
    // UNTIL in local time, and EXDATE as a day beside a start with a time.
    is_busy(
        &event(&format!(
            "{weekly}RRULE:FREQ=WEEKLY;UNTIL=20260330T100000\nEXDATE;VALUE=DATE:20260302,20260309,20260316"
        )),
        &["2026-03-23T10:00Z/2026-03-23T11:00Z", "2026-03-30T09:00Z/2026-03-30T10:00Z"],
    );
    is_busy(
        &event(&format!(
            "{weekly}RDATE;VALUE=PERIOD:20260401T120000Z/PT30M,20260402T120000Z/20260402T130000Z"
        )),
        &[
            "2026-03-02T10:00Z/2026-03-02T11:00Z",
            "2026-04-01T12:00Z/2026-04-01T12:30Z",
            "2026-04-02T12:00Z/2026-04-02T13:00Z",
        ],
    );
    let moved = "BEGIN:VEVENT\nUID:one\nRECURRENCE-ID;TZID=Europe/London:20260309T100000\nDTSTART:20260310T150000Z\nDURATION:PT2H\nEND:VEVENT";
    let series = format!("BEGIN:VEVENT\nUID:one\n{weekly}RRULE:FREQ=WEEKLY;COUNT=3\nEND:VEVENT");
    is_busy(
        &calendar(&format!("{moved}\n{series}")),
        &[
            "2026-03-02T10:00Z/2026-03-02T11:00Z",
            "2026-03-10T15:00Z/2026-03-10T17:00Z",
            "2026-03-16T10:00Z/2026-03-16T11:00Z",
        ],
    );
    is_busy(&calendar(moved), &["2026-03-10T15:00Z/2026-03-10T17:00Z"]);
    let later = moved.replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;");
    is_busy(
        &calendar(&format!("{series}\n{later}")),
        &[
            "2026-03-02T10:00Z/2026-03-02T11:00Z",
            "2026-03-10T15:00Z/2026-03-10T17:00Z",
            "2026-03-17T15:00Z/2026-03-17T17:00Z",
        ],
    );
}

#[test]
fn series_without_an_end_are_laid_out_as_far_as_is_asked() {
    let (busy_times, problems) = busy(&event("DTSTART:19900101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"));
    assert_eq!((busy_times.len(), problems.len()), (365, 0));
    for rule in ["FREQ=DAILY", "FREQ=WEEKLY;UNTIL=20300101T000000Z"] {
        let later = event(&format!("DTSTART:20270601T100000Z\nDURATION:PT1H\nRRULE:{rule}"));
        is_busy(&later, &[]);
    }
    // Many of them are no more than each.
    let weekly = |number: u32| {
        let day = number % 28 + 1;
        format!(
            "BEGIN:VEVENT\nUID:{number}\nDTSTART:202501{day:02}T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n"
        )
    };
    let (busy_times, problems) = busy(&calendar(&(0..500).map(weekly).collect::<String>()));
    assert_eq!((busy_times.len(), problems.len()), (365, 0));
    // What ends before is not longer by that, and a count is one.
    for end in ["UNTIL=20260103T100000Z", "COUNT=3"] {
        let file = event(&format!("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;{end}"));
        assert_eq!(busy(&file).0.len(), 3, "{end}");
    }
}

#[test]
fn files_are_read_as_they_come() {
    let expected = ["2026-06-01T10:00Z/2026-06-01T11:00Z"];
    let plain = event("SUMMARY:Zoë\nDTSTART:20260601T100000Z\nDTEND:20260601T110000Z");
    is_busy(&plain, &expected);
    is_busy(&plain.replace("\r\n", "\n"), &expected);
    is_busy(&format!("\u{feff}{plain}"), &expected);
    is_busy(&plain.replace("END:VEVENT\r\nEND:VCALENDAR\r\n", ""), &expected);
    is_busy(&plain.replace("DTEND:", "DT\r\n END:"), &expected);
    // Folded within a letter, and of another encoding.
    let (before, after) = plain.split_once('ë').unwrap();
    for letter in [&b"\xC3\r\n \xAB"[..], b"\xEB"] {
        let file = [before.as_bytes(), letter, after.as_bytes()].concat();
        assert_eq!(read(&file, &owner(), year()).unwrap().busy.len(), 1);
    }
    for other in ["", "x", "BEGIN:VCARD\r\nEND:VCARD", "\0\0", "<html>"] {
        assert_eq!(read(other.as_bytes(), &owner(), year()), Err(NotACalendar), "{other}");
    }
}

#[test]
fn what_cannot_be_read_is_told_by_event_and_the_rest_is_taken() {
    let file = calendar(
        "BEGIN:VEVENT\nUID:no start\nSUMMARY:x\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:backwards\nDTSTART:20260601T100000Z\nDTEND:20260601T090000Z\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:no date\nDTSTART:20260230T100000Z\nDURATION:PT1H\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:no rule\nDTSTART:20260601T100000Z\nRRULE:FREQ=SOMETIMES\nDURATION:PT1H\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:good\nDTSTART:20260602T100000Z\nDURATION:PT1H\nBEGIN:VALARM\nTRIGGER:-PT5M\nDURATION:PT9H\nEND:VALARM\nEND:VEVENT",
    );
    let read = read(file.as_bytes(), &owner(), year()).unwrap();
    assert_eq!((read.events, read.busy.len()), (5, 1));
    let uids: Vec<&str> = read.problems.iter().filter_map(|problem| problem.uid.as_deref()).collect();
    assert_eq!(uids, ["no start", "backwards", "no date", "no rule"]);
}

#[test]
fn bombs_are_defused() {
    let started = Clock::now();
    let secondly = "DTSTART:10000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;UNTIL=20260101T000000Z";
    let (_, problems) = busy(&event(secondly));
    assert!(problems[0].contains("too often"), "{problems:?}");
    let never = "DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30";
    let many = format!("BEGIN:VEVENT\n{never}\nEND:VEVENT\n").repeat(20_000);
    assert!(!busy(&calendar(&many)).1.is_empty());
    let minutely = "BEGIN:VEVENT\nDTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY\nEND:VEVENT\n";
    assert!(!busy(&calendar(&minutely.repeat(1_000))).1.is_empty());
    let size = 10 * 1024 * 1024;
    for filling in ["x", "x\r\n ", "BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "DTSTART:1\r\n", ";;;=,\"", "\r\n"] {
        let line = filling.repeat(size / filling.len());
        for file in [calendar(&line), event(&format!("SUMMARY:{line}")), event(&format!("DTSTART:{line}"))] {
            assert_eq!(read(file.as_bytes(), &owner(), year()).unwrap().busy, []);
        }
    }
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_lines_are_read(lines in prop::collection::vec(
        "(DTSTART|DTEND|RRULE|EXDATE|RDATE|DURATION|RECURRENCE-ID)(;VALUE=DATE|;TZID=[A-Z]{1,4})?:\
         (FREQ=(DAILY|YEARLY|SECONDLY|HOURLY);(COUNT|INTERVAL|BYMONTH|BYDAY|BYSETPOS|BYHOUR|WKST)=[0-9MOSU,-]{0,9}|[0-9TZP/,-]{0,20}|2026[0-1][0-9][0-3][0-9]T1[0-9]0000Z?)",
        0..8,
    )) {
        let file = event(&lines.join("\n"));
        let read = read(file.as_bytes(), &owner(), year()).unwrap();
        prop_assert_eq!(read.events, 1);
        prop_assert!(read.busy.iter().all(|range| range.start < range.end && year().start <= range.start && range.end <= year().end));
    }

    #[test]
    fn a_series_that_began_long_ago_is_as_if_all_of_it_were_laid_out(
        (year, month, day, hour) in (2015..2026, 1..13, 1..29, 0..24),
        rule in "FREQ=(DAILY|WEEKLY);INTERVAL=([1-9]|[1-4][0-9])(;WKST=(MO|SU|WE))?(;BYDAY=(MO|TU,SU|WE,FR,SA))?(;BYMONTH=(1|3,12))?(;UNTIL=(2014|2020|2026|2027)0601T000000Z)?",
        length in "PT1H|P1D|PT90H|P3W",
        zone in "America/New_York|Pacific/Kiritimati|Etc/UTC",
    ) {
        let start = format!("DTSTART;TZID={zone}:{year}{month:02}{day:02}T{hour:02}0000\nDURATION:{length}\nRRULE:{rule}");
        // What is counted has to be laid out from its beginning.
        let counted = format!("{start};COUNT=40000");
        prop_assert_eq!(busy(&event(&start)), busy(&event(&counted)), "{}", start);
    }

    #[test]
    fn an_event_is_read_where_any_of_it_is_in_the_time(
        (start, days) in (0..3_i64, 0..5_i64),
        (year, hour) in (2025..2028_i16, 0..24_i8),
        zone in "America/New_York|Pacific/Kiritimati|Etc/UTC",
    ) {
        let start = jiff::civil::date(year, 1, 1).at(hour, 0, 0, 0) - jiff::Span::new().days(start);
        let end = start + jiff::Span::new().days(days).hours(1);
        let time = |time: jiff::civil::DateTime| time.strftime("%Y%m%dT%H%M%S").to_string();
        let lines = format!("DTSTART;TZID={zone}:{}\nDTEND;TZID={zone}:{}", time(start), time(end));
        // With a further date it is always read.
        let read = format!("{lines}\nRDATE:19000101T000000Z");
        prop_assert_eq!(busy(&event(&lines)), busy(&event(&read)), "{}", lines);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:", &bytes[..]].concat();
        prop_assert!(read(&file, &owner(), year()).is_ok());
        let _ = read(&bytes, &owner(), year());
    }
}
