//! The rules of zones in the text say of every instant what the zones themselves say.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use domain::Zone;
use jiff::{
    SignedDuration, Timestamp,
    civil::{DateTime, Weekday},
    tz::Offset,
};
use meeting_calendar::{Meeting, Method, calendar_text};
use proptest::prelude::*;

fn series(zone: &str, start: Timestamp) -> String {
    let meeting = Meeting {
        uid: "a@w2meet".to_owned(),
        sequence: 0,
        start,
        end: start + SignedDuration::from_hours(1),
        weekly_in: Some(zone.to_owned()),
        title: "Weekly".to_owned(),
        description: String::new(),
        location: String::new(),
        url: String::new(),
        organizer: None,
        attendees: Vec::new(),
    };
    calendar_text(Method::Publish, &[meeting], start)
}

/// An instant from which an offset holds.
type Onset = (Timestamp, Offset);

/// What the VTIMEZONE says, read as a reader of RFC 5545 §3.6.5 would, up to a year.
fn onsets(text: &str, last_year: i16) -> Vec<Onset> {
    let mut onsets = Vec::new();
    let (mut start, mut from, mut to, mut rule) = (None, None, None, None);
    for line in text.replace("\r\n ", "").lines() {
        let (name, value) = line.split_once(':').unwrap();
        match (name, value) {
            ("BEGIN", "VEVENT") => break,
            ("DTSTART", _) => start = Some(DateTime::strptime("%Y%m%dT%H%M%S", value).unwrap()),
            ("TZOFFSETFROM", _) => from = Some(offset(value)),
            ("TZOFFSETTO", _) => to = Some(offset(value)),
            ("RRULE", _) => rule = Some(value.to_owned()),
            ("END", "STANDARD" | "DAYLIGHT") => {
                let (start, from, to) = (start.take().unwrap(), from.take().unwrap(), to.take().unwrap());
                let mut onset = |local: DateTime| onsets.push((from.to_timestamp(local).unwrap(), to));
                match rule.take() {
                    None => onset(start),
                    Some(rule) => {
                        (start.year()..=last_year).for_each(|year| onset(occurrence(&rule, start, year)))
                    }
                }
            }
            _ => {}
        }
    }
    onsets.sort();
    onsets
}

/// That of a year of `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU`.
fn occurrence(rule: &str, start: DateTime, year: i16) -> DateTime {
    let (month, day) = rule.strip_prefix("FREQ=YEARLY;BYMONTH=").unwrap().split_once(";BYDAY=").unwrap();
    let (nth, day) = day.split_at(day.len() - 2);
    let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let day =
        Weekday::from_monday_zero_offset(days.iter().position(|name| *name == day).unwrap() as i8).unwrap();
    let month = start.with().year(year).month(month.parse().unwrap()).day(1).build().unwrap();
    month.date().nth_weekday_of_month(nth.parse().unwrap(), day).unwrap().to_datetime(start.time())
}

fn offset(text: &str) -> Offset {
    let number = |range| text.get(range).map_or(0, |digits: &str| digits.parse::<i32>().unwrap());
    let size = number(1..3) * 3600 + number(3..5) * 60 + if text.len() > 5 { number(5..7) } else { 0 };
    Offset::from_seconds(if text.starts_with('-') { -size } else { size }).unwrap()
}

fn check(zone: &Zone, start: Timestamp, weeks: i64) -> Result<(), TestCaseError> {
    let text = series(zone.name(), start);
    let onsets = onsets(&text, zone.local(start).year() + 60);
    for week in 0..weeks {
        let instant = start + SignedDuration::from_hours(week * 7 * 24);
        let offset = onsets.iter().rfind(|(onset, _)| *onset <= instant).map(|(_, offset)| *offset);
        prop_assert_eq!(
            offset,
            Some(zone.rules().to_offset(instant)),
            "{} at {} in {}",
            zone.name(),
            instant,
            text
        );
    }
    Ok(())
}

#[test]
fn a_series_keeps_its_time_on_the_clocks_of_its_zone() {
    let text = series("Europe/Berlin", "2026-01-05T08:00:00Z".parse().unwrap());
    for line in [
        "DTSTART;TZID=Europe/Berlin:20260105T090000",
        "DTEND;TZID=Europe/Berlin:20260105T100000",
        "RRULE:FREQ=WEEKLY",
        "TZID:Europe/Berlin",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CEST",
    ] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
    }
}

#[test]
fn without_a_zone_of_its_own_a_series_is_in_utc() {
    for zone in ["UTC", "Nowhere/Atlantis"] {
        let text = series(zone, "2026-01-05T08:00:00Z".parse().unwrap());
        assert!(text.contains("DTSTART:20260105T080000Z\r\n") && text.contains("RRULE:FREQ=WEEKLY\r\n"));
        assert!(!text.contains("VTIMEZONE"));
    }
}

#[test]
fn a_zone_is_written_once_and_from_the_earliest_of_its_meetings_on() {
    let of = |start: &str| series("America/New_York", start.parse().unwrap());
    let (early, late) = (of("2026-01-05T08:00:00Z"), of("2031-01-05T08:00:00Z"));
    let zone = |text: &str| text.split_once("BEGIN:VEVENT").unwrap().0.to_owned();
    assert_ne!(zone(&early), zone(&late));
    let meeting = |start: &str| Meeting {
        uid: start.to_owned(),
        sequence: 0,
        start: start.parse().unwrap(),
        end: start.parse().unwrap(),
        weekly_in: Some("America/New_York".to_owned()),
        title: "Weekly".to_owned(),
        description: String::new(),
        location: String::new(),
        url: String::new(),
        organizer: None,
        attendees: Vec::new(),
    };
    let meetings = ["2031-01-05T08:00:00Z", "2026-01-05T08:00:00Z"].map(meeting);
    let text = calendar_text(Method::Publish, &meetings, meetings[0].start);
    assert_eq!((text.matches("BEGIN:VTIMEZONE").count(), zone(&text)), (1, zone(&early)));
}

#[test]
fn every_zone_is_right_for_the_years_that_it_is_written_for() {
    let start = "2026-01-05T08:00:00Z".parse().unwrap();
    for name in Zone::names() {
        let zone = Zone::parse(name).unwrap();
        if zone != Zone::utc() {
            check(&zone, start, 9 * 52).unwrap();
        }
    }
}

#[test]
fn a_zone_whose_yearly_rules_begin_later_is_written_change_by_change() {
    // Famagusta had one offset from 2016 on, and follows the clock changes of the EU again since autumn 2017.
    let zone = Zone::parse("Asia/Famagusta").unwrap();
    check(&zone, "2017-03-28T01:00:00Z".parse().unwrap(), 9 * 52).unwrap();
}

proptest! {
    #[test]
    fn a_zone_is_right_wherever_a_series_begins(
        name in proptest::sample::select(Zone::names().filter(|name| *name != "UTC").collect::<Vec<_>>()),
        start in 946_684_800_i64..2_208_988_800,
    ) {
        check(&Zone::parse(name).unwrap(), Timestamp::from_second(start / 900 * 900).unwrap(), 9 * 52)?;
    }

    #[test]
    fn the_rules_of_every_year_hold_for_decades(
        name in proptest::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Sydney", "Europe/London"]),
        start in 1_704_067_200_i64..1_893_456_000,
    ) {
        check(&Zone::parse(name).unwrap(), Timestamp::from_second(start).unwrap(), 40 * 52)?;
    }
}
