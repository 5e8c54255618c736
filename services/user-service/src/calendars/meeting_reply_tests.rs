//! Answers in the manner of the programs that people have, made by hand.

use jiff::Timestamp;
use wire::{MeetingReply, Range, ReplyStatus};

use super::meeting_reply::{ReadReply, read_reply};
use crate::key::Key;

const POLL: &str = "q1Zk3Y0uTtWb7l3m2n4o5A";

const GOOGLE: &str = "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\n\
    CALSCALE:GREGORIAN\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTART:20260306T080000Z\r\nDTEND:20260306T090000Z\r\n\
    DTSTAMP:20260301T101112Z\r\nORGANIZER;CN=W2Meet:mailto:meet+abcdefghijklmnopqrstuvwxyz@example.com\r\n\
    UID:q1Zk3Y0uTtWb7l3m2n4o5A@w2meet\r\nATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=ada@\r\n \
    example.com;X-NUM-GUESTS=0:mailto:ada@example.com\r\nCREATED:20260301T090000Z\r\nDESCRIPTION:\r\n\
    LAST-MODIFIED:20260301T101112Z\r\nLOCATION:\r\nSEQUENCE:2\r\nSTATUS:CONFIRMED\r\nSUMMARY:Retro\r\n\
    TRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

const EXCHANGE: &str = "BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n\
    BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n\
    TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
    RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n\
    ATTENDEE;PARTSTAT=TENTATIVE;CN=Ada Lovelace:MAILTO:Ada@Example.com\r\n\
    COMMENT;LANGUAGE=de-DE:Lieber am Nachmittag\\, da ist\\nmehr Zeit.\r\nUID:q1Zk3Y0uTtWb7l3m2n4o5A@w2meet\r\n\
    SUMMARY;LANGUAGE=de-DE:Mit Vorbehalt: Retro\r\nDTSTART;TZID=W. Europe Standard Time:20260306T150000\r\n\
    DTEND;TZID=W. Europe Standard Time:20260306T160000\r\nCLASS:PUBLIC\r\nPRIORITY:5\r\nDTSTAMP:20260301T101112Z\r\n\
    TRANSP:OPAQUE\r\nSTATUS:TENTATIVE\r\nSEQUENCE:2\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

const APPLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//macOS 15.3//EN\r\nCALSCALE:GREGORIAN\r\n\
    METHOD:REPLY\r\nBEGIN:VEVENT\r\nATTENDEE;CN=Ada;CUTYPE=INDIVIDUAL;EMAIL=ada@example.com;PARTSTAT=DECLINED:mailto\r\n \
    :ada@example.com\r\nCOMMENT:On a train\r\nDTEND:20260306T090000Z\r\nDTSTAMP:20260301T101112Z\r\n\
    DTSTART:20260306T080000Z\r\nORGANIZER;CN=W2Meet;EMAIL=x@example.com:mailto:meet+ABCDEFGHIJKLMNOPQRSTUVWXYZ@exa\r\n \
    mple.com\r\nSEQUENCE:2\r\nSUMMARY:Retro\r\nUID:q1Zk3Y0uTtWb7l3m2n4o5A@w2meet\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

const THUNDERBIRD: &str = "BEGIN:VCALENDAR\nPRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN\nVERSION:2.0\n\
    METHOD:REPLY\nBEGIN:VEVENT\nLAST-MODIFIED:20260301T101112Z\nDTSTAMP:20260301T101112Z\n\
    UID:q1Zk3Y0uTtWb7l3m2n4o5A@w2meet\nSUMMARY:Retro\nORGANIZER;CN=W2Meet:mailto:meet+x@example.com\n\
    ATTENDEE;CN=Ada;CUTYPE=INDIVIDUAL;PARTSTAT=TENTATIVE;ROLE=REQ-PARTICIPANT:\n mailto:ada@example.com\n\
    DTSTART:20260306T080000Z\nDTEND:20260306T090000Z\nSEQUENCE:2\nEND:VEVENT\nEND:VCALENDAR\n";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn read(calendar: &str) -> ReadReply {
    let read = read_reply(calendar, None).unwrap();
    assert_eq!((read.poll_id.as_str(), &read.attendee), (POLL, &Key::of("ada@example.com").unwrap()));
    assert_eq!((read.reply.sequence, read.reply.stamp), (2, at("2026-03-01T10:11:12Z")));
    read
}

fn why_not(calendar: &str) -> &'static str {
    read_reply(calendar, None).unwrap_err()
}

#[test]
fn programs_answer_each_in_their_manner() {
    use ReplyStatus::{Accepted, Declined, Tentative};
    for (calendar, status, comment) in [
        (GOOGLE, Accepted, None),
        (APPLE, Declined, Some("On a train")),
        (THUNDERBIRD, Tentative, None),
        (EXCHANGE, Tentative, Some("Lieber am Nachmittag, da ist\nmehr Zeit.")),
    ] {
        let read = read(calendar);
        assert_eq!((read.reply.status, read.reply.comment.as_deref()), (status, comment));
    }
    assert_eq!(read(GOOGLE).organizer.as_deref(), Some("meet+abcdefghijklmnopqrstuvwxyz@example.com"));
    assert_eq!(read(EXCHANGE).organizer, None);
}

#[test]
fn a_counter_proposes_its_time_and_a_reply_none() {
    let afternoon = Range { start: at("2026-03-06T14:00:00Z"), end: at("2026-03-06T15:00:00Z") };
    assert_eq!(read(EXCHANGE).reply.proposal, Some(afternoon));
    assert_eq!(read(GOOGLE).reply.proposal, None);
    let counter = GOOGLE
        .replace("METHOD:REPLY", "METHOD:COUNTER")
        .replace("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION");
    let read_counter = read(&counter);
    assert_eq!(read_counter.reply.status, ReplyStatus::Tentative);
    assert_eq!(read_counter.reply.proposal.unwrap().start, at("2026-03-06T08:00:00Z"));
    // Nobody can say when these are.
    for (start, end) in [
        ("DTSTART:20260306T080000", "DTEND:20260306T090000"),
        ("DTSTART;VALUE=DATE:20260306", "DTEND;VALUE=DATE:20260307"),
        ("DTSTART;TZID=Nowhere:20260306T080000", "DTEND;TZID=Nowhere:20260306T090000"),
        ("DTSTART:20260306T080000Z", "DTEND:20260306T080000Z"),
        ("DTSTART:20260306T080000Z", "DTEND:20260306T070000Z"),
        ("DTSTART:99990306T080000Z", "DTEND:99990306T090000Z"),
    ] {
        let other = counter.replace("DTSTART:20260306T080000Z", start).replace("DTEND:20260306T090000Z", end);
        assert_eq!(read(&other).reply.proposal, None, "{start}");
    }
}

#[test]
fn what_its_calendar_does_not_say_its_media_type_may() {
    let without = GOOGLE.replace("METHOD:REPLY\r\n", "");
    assert_eq!(read_reply(&without, Some("reply")).unwrap().reply.status, ReplyStatus::Accepted);
    assert!(read_reply(&without, None).is_err());
    assert!(read_reply(GOOGLE, Some("REQUEST")).is_ok(), "the calendar's own word counts");
    let marked = format!("\u{feff}\r\n{}", GOOGLE.replace("\r\n", "\n"));
    assert_eq!(read(&marked).reply.status, ReplyStatus::Accepted);
}

#[test]
fn what_is_no_answer_is_known_for_why() {
    let with = |from: &str, to: &str| {
        assert!(GOOGLE.contains(from), "{from}");
        GOOGLE.replace(from, to)
    };
    let attendee = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com\r\nCREATED";
    for (calendar, why) in [
        (String::new(), "no calendar"),
        ("BEGIN:VCARD\r\nEND:VCARD\r\n".to_owned(), "no calendar"),
        (with("METHOD:REPLY", "METHOD:REQUEST"), "method"),
        (with("METHOD:REPLY", "METHOD:CANCEL"), "method"),
        (with("BEGIN:VEVENT", "BEGIN:VJOURNAL").replace("END:VEVENT", "END:VJOURNAL"), "no event"),
        (with("END:VEVENT\r\n", "END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n"), "several events"),
        (with("CREATED", "RECURRENCE-ID:20260306T080000Z\r\nCREATED"), "occurrence"),
        (with("CREATED", attendee), "several attendees"),
        (with("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION"), "whether"),
        (with("PARTSTAT=ACCEPTED", "PARTSTAT=DELEGATED"), "whether"),
        (with("PARTSTAT=ACCEPTED;", ""), "whether"),
        (with("@w2meet", "@google.com"), "UID"),
        (with("DTSTAMP:20260301T101112Z\r\n", ""), "DTSTAMP"),
        (with("SEQUENCE:2", "SEQUENCE:two"), "SEQUENCE"),
        ("x".repeat(300_000), "too long"),
    ] {
        assert!(why_not(&calendar).contains(why), "{}: {calendar}", why_not(&calendar));
    }
}

#[test]
fn a_comment_is_bounded_and_has_no_control_characters() {
    let long = format!("COMMENT:a\u{7}b\\n{}\r\nCREATED", "ö".repeat(5_000));
    let comment = read(&GOOGLE.replace("CREATED", &long)).reply.comment.unwrap();
    assert!(comment.starts_with("ab\nö"), "{comment}");
    assert_eq!(comment.chars().count(), MeetingReply::MAX_COMMENT);
    assert_eq!(read(&GOOGLE.replace("CREATED", "COMMENT: \\n \r\nCREATED")).reply.comment, None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_of_an_answer_make_it_fail(place in 0_usize..4, cuts in proptest::collection::vec((0_usize..2_000, ".{0,12}"), 0..8)) {
        let mut calendar = [GOOGLE, EXCHANGE, APPLE, THUNDERBIRD][place].to_owned();
        for (at, text) in cuts {
            let mut at = at % (calendar.len() + 1);
            while !calendar.is_char_boundary(at) {
                at -= 1;
            }
            let mut end = (at + 3).min(calendar.len());
            while !calendar.is_char_boundary(end) {
                end += 1;
            }
            calendar.replace_range(at..end, &text);
        }
        drop(read_reply(&calendar, Some("REPLY")));
    }
}
