//! Whatever is in a meeting, the text is one that calendars read, and that says no more than the meeting.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use calcard::{
    Entry, Parser,
    icalendar::{ICalendar, ICalendarComponent, ICalendarParameterName, ICalendarProperty, ICalendarValue},
};
use jiff::Timestamp;
use meeting_calendar::{Address, Attendee, Meeting, Method, calendar_text, feed_text};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn person(name: &str, email: &str) -> Address {
    Address { name: name.to_owned(), email: email.to_owned() }
}

fn meeting() -> Meeting {
    Meeting {
        uid: "abc@w2meet".to_owned(),
        sequence: 3,
        start: at("2026-03-06T08:00:00Z"),
        end: at("2026-03-06T09:30:00Z"),
        weekly_in: None,
        title: "Retrospective".to_owned(),
        description: "Bring cake".to_owned(),
        location: "Room 1".to_owned(),
        url: "https://meet.example.com/p/abc".to_owned(),
        organizer: Some(person("Meetings", "meet@example.com")),
        attendees: vec![
            Attendee { address: person("Ada", "ada@example.com"), required: true },
            Attendee { address: person("", "bob@example.com"), required: false },
        ],
    }
}

fn stamp() -> Timestamp {
    at("2026-02-01T00:00:00Z")
}

/// The lines as they were before they were folded.
fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

fn parsed(text: &str) -> ICalendar {
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => calendar,
        other => panic!("{other:?} in {text}"),
    }
}

fn event(calendar: &ICalendar) -> &ICalendarComponent {
    let mut events =
        calendar.components.iter().filter(|component| component.component_type.as_str() == "VEVENT");
    let event = events.next().unwrap();
    assert!(events.next().is_none());
    event
}

fn value(component: &ICalendarComponent, property: &ICalendarProperty) -> Option<String> {
    let entry = component.property(property)?;
    entry.values.first().and_then(ICalendarValue::as_text).map(str::to_owned)
}

#[test]
fn a_single_meeting_is_in_utc_and_asks_each_person_to_answer() {
    let text = calendar_text(Method::Request, &[meeting()], stamp());
    assert_eq!(
        unfolded(&text),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//W2Meet//W2Meet//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            "UID:abc@w2meet",
            "DTSTAMP:20260201T000000Z",
            "SEQUENCE:3",
            "DTSTART:20260306T080000Z",
            "DTEND:20260306T093000Z",
            "SUMMARY:Retrospective",
            "DESCRIPTION:Bring cake",
            "LOCATION:Room 1",
            "URL:https://meet.example.com/p/abc",
            "ORGANIZER;CN=\"Meetings\":mailto:meet@example.com",
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Ada\":mailto:ada@example.com",
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

#[test]
fn a_published_meeting_names_nobody_and_a_cancelled_one_asks_nothing() {
    let published = calendar_text(Method::Publish, &[meeting()], stamp());
    assert!(!published.contains("ATTENDEE") && published.contains("METHOD:PUBLISH\r\n"));
    let cancelled = calendar_text(Method::Cancel, &[meeting()], stamp()).replace("\r\n ", "");
    for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", "UID:abc@w2meet"] {
        assert!(cancelled.contains(&format!("{line}\r\n")), "{line}");
    }
    assert!(cancelled.contains("mailto:ada@example.com") && !cancelled.contains("RSVP"));
}

#[test]
fn what_is_empty_has_no_line_and_nothing_is_a_calendar_too() {
    let (description, location, url) = Default::default();
    let bare = Meeting { description, location, url, organizer: None, attendees: Vec::new(), ..meeting() };
    let text = calendar_text(Method::Publish, &[bare], stamp());
    for name in ["DESCRIPTION", "LOCATION", "URL", "ORGANIZER"] {
        assert!(!text.contains(name), "{name} in {text}");
    }
    let feed = feed_text("Meetings, all", &[], stamp());
    assert!(feed.contains("X-WR-CALNAME:Meetings\\, all\r\n") && feed.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(parsed(&feed).components.len(), 1);
}

#[test]
fn long_descriptions_end_with_an_ellipsis() {
    let text_of = |length: usize| {
        let description = "ä".repeat(length);
        calendar_text(Method::Publish, &[Meeting { description, ..meeting() }], stamp())
    };
    assert!(unfolded(&text_of(8_000)).contains(&format!("DESCRIPTION:{}", "ä".repeat(8_000))));
    assert!(unfolded(&text_of(8_001)).contains(&format!("DESCRIPTION:{}…", "ä".repeat(7_999))));
}

#[test]
fn names_and_titles_inject_nothing() {
    let evil = "x\r\nATTENDEE:mailto:eve@example.com\r\nX:\"y\";ROLE=CHAIR:mailto:eve@example.com,\\";
    let of_evil = Attendee {
        address: person(evil, "ada@example.com\r\nATTENDEE:mailto:eve@example.com"),
        required: true,
    };
    let meeting = Meeting {
        uid: format!("{evil}@w2meet"),
        title: evil.to_owned(),
        description: evil.to_owned(),
        location: evil.to_owned(),
        url: evil.to_owned(),
        organizer: Some(person(evil, "meet@example.com")),
        attendees: vec![of_evil],
        ..meeting()
    };
    let text = calendar_text(Method::Request, &[meeting], stamp());
    let lines = unfolded(&text);
    assert_eq!(lines.iter().filter(|line| line.starts_with("ATTENDEE")).count(), 1, "{text}");
    assert!(!lines.iter().any(|line| line.starts_with("X:")), "{text}");
    let calendar = parsed(&text);
    assert_eq!(value(event(&calendar), &ICalendarProperty::Summary).unwrap(), evil.replace("\r\n", "\n"));
}

/// Texts with what has a meaning in a calendar.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[\\PC\r\n\t\":;,\\\\^=]{0,200}", "[a老🗓\r\n ]{0,200}", ".{0,200}"]
}

proptest! {
    #[test]
    fn every_text_is_read_back_as_it_was(title in any_text(), description in any_text(), name in any_text()) {
        let attendee = Attendee { address: person(&name, "ada@example.com"), required: true };
        let meeting = Meeting { title: title.clone(), description: description.clone(), attendees: vec![attendee], ..meeting() };
        let text = calendar_text(Method::Request, &[meeting], stamp());
        for line in text.split("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
        }
        prop_assert!(text.ends_with("\r\n"));
        let calendar = parsed(&text);
        let event = event(&calendar);
        // Control characters have no place in a calendar, and there is one kind of line break.
        let plain = |text: &str| {
            let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
            text.chars().filter(|character| *character == '\n' || !character.is_control()).collect::<String>()
        };
        prop_assert_eq!(value(event, &ICalendarProperty::Summary).unwrap_or_default(), plain(&title));
        if !description.trim().is_empty() {
            prop_assert_eq!(value(event, &ICalendarProperty::Description).unwrap_or_default(), plain(&description));
        }
        let attendee = event.property(&ICalendarProperty::Attendee).unwrap();
        prop_assert_eq!(attendee.values.first().unwrap().as_text(), Some("mailto:ada@example.com"));
        let named = attendee.parameters(&ICalendarParameterName::Cn).next().is_some();
        prop_assert_eq!(named, !name.trim().is_empty());
    }
}
