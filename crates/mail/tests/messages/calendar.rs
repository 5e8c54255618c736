//! What calendars are told.

use calcard::{Entry, Parser, icalendar::ICalendarProperty};
use mail::render;
use mail_parser::MimeHeaders;
use wire::{Language, MailContent, MailDescription};

use crate::support::{declined_proposal, header, mail, meeting, parsed, request, sender, written};

fn calendar(text: &str) -> calcard::icalendar::ICalendar {
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => calendar,
        other => panic!("{other:?} is no calendar: {text}"),
    }
}

#[test]
fn a_meeting_is_a_calendar_last_among_the_alternatives_and_a_file() {
    let mail = mail(request());
    let message = written(&mail);
    let read = parsed(&message);
    let kind = |part: usize| {
        let kind = read.part(part as u32).unwrap().content_type().unwrap();
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
    };
    let kinds: Vec<String> = (0..read.parts.len()).map(kind).collect();
    assert_eq!(
        kinds,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics"
        ]
    );
    let inline = read.part(4).unwrap();
    let kind = inline.content_type().unwrap();
    assert_eq!(kind.attribute("method"), Some("REQUEST"));
    assert_eq!(kind.attribute("charset"), Some("utf-8"));
    assert!(inline.content_disposition().is_none(), "clients would show it as a file only");
    let file = read.part(5).unwrap();
    assert_eq!(file.attachment_name(), Some("invite.ics"));
    let text = inline.text_contents().unwrap();
    assert_eq!(text.as_bytes(), file.contents(), "both are the same calendar");
    assert_eq!(header(&read, "In-Reply-To"), "<meeting.q1Zk3Y0uTtWb7l3m2n4o5A@example.com>");
    assert_eq!(header(&read, "References"), "<meeting.q1Zk3Y0uTtWb7l3m2n4o5A@example.com>");
}

#[test]
fn the_calendar_is_the_meeting_as_the_standards_ask_for_it() {
    let cancel = MailContent::MeetingCancel { meeting: meeting(), sequence: 2, required: true };
    let declined = declined_proposal();
    for (content, method, sequence) in
        [(request(), "REQUEST", "1"), (cancel, "CANCEL", "2"), (declined, "DECLINECOUNTER", "1")]
    {
        let mail = mail(content);
        let message = written(&mail);
        let read = parsed(&message);
        let part = read.part(4).unwrap();
        assert_eq!(part.content_type().unwrap().attribute("method"), Some(method));
        let text = part.text_contents().unwrap();
        for line in text.split("\r\n") {
            assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
        }
        let unfolded = text.replace("\r\n ", "");
        for line in [
            format!("METHOD:{method}"),
            "UID:q1Zk3Y0uTtWb7l3m2n4o5A@w2meet".to_owned(),
            format!("SEQUENCE:{sequence}"),
            "DTSTART:20260306T080000Z".to_owned(),
            "DTEND:20260306T090000Z".to_owned(),
            "LOCATION:Raum 3\\; 2. Stock".to_owned(),
        ] {
            assert!(unfolded.contains(&format!("\r\n{line}\r\n")), "{line} in {unfolded}");
        }
        let calendar = calendar(text);
        let event = calendar.components.iter().find(|part| part.property(&ICalendarProperty::Uid).is_some());
        let event = event.unwrap();
        let has = |name: &ICalendarProperty| event.property(name).is_some();
        assert!(has(&ICalendarProperty::Dtstamp) && has(&ICalendarProperty::Summary));
        let line =
            |name: &str| unfolded.split("\r\n").find(|line| line.starts_with(name)).unwrap_or_default();
        assert!(line("ORGANIZER").ends_with("mailto:meet@example.com"), "{unfolded}");
        let attendee = line("ATTENDEE");
        assert!(attendee.ends_with("mailto:joerg@example.com"), "{attendee}");
        match method {
            "REQUEST" => {
                for word in ["ROLE=REQ-PARTICIPANT", "PARTSTAT=NEEDS-ACTION", "RSVP=TRUE"] {
                    assert!(attendee.contains(word), "{attendee}");
                }
            }
            "CANCEL" => assert!(unfolded.contains("\r\nSTATUS:CANCELLED\r\n"), "{unfolded}"),
            _ => assert!(unfolded.contains("\r\nSTATUS:CONFIRMED\r\n"), "{unfolded}"),
        }
    }
}

#[test]
fn a_later_request_is_called_a_change() {
    let later = MailContent::MeetingRequest { meeting: meeting(), sequence: 3, required: false };
    let message = written(&MailDescription { language: Language::En, ..mail(later) });
    assert_eq!(message.subject, "Changed: Rückblick & Ausblick");
}

#[test]
fn calendars_answer_to_an_address_of_the_meeting_where_answers_are_read() {
    let token = "abcdefghijklmnopqrstuvwxyz";
    let mail = MailDescription { reply_token: Some(token.to_owned()), ..mail(request()) };
    for (sender, organizer, returned) in [
        (sender(), "meet@example.com".to_owned(), "meet@example.com"),
        // Of the mail's id, in base32.
        (
            sender().taking_replies().unwrap(),
            format!("meet+{token}@example.com"),
            "meet+agmqaaaaabyabaaaaaaaaaaaaa@example.com",
        ),
    ] {
        let message = render(&mail, &sender).unwrap();
        let read = parsed(&message);
        let calendar = read.part(4).unwrap().text_contents().unwrap().replace("\r\n ", "");
        assert!(calendar.contains(&format!("ORGANIZER;CN=\"W2Meet\":mailto:{organizer}\r\n")), "{calendar}");
        // People answer to people, and servers report to an address of the mail.
        assert_eq!(read.reply_to().unwrap().first().unwrap().address(), Some("ada@example.org"));
        assert_eq!(read.from().unwrap().first().unwrap().address(), Some("meet@example.com"));
        assert_eq!(message.envelope.from().unwrap().to_string(), returned);
    }
}
