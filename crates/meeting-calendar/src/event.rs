use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Address, Attendee, Meeting, Method,
    content_lines::{ContentLines, quoted},
};

/// A meeting as a VEVENT.
pub(crate) fn write(lines: &mut ContentLines, method: Method, meeting: &Meeting, stamp: Timestamp) {
    lines.line("BEGIN", "VEVENT");
    lines.line("UID", &meeting.uid);
    lines.line("DTSTAMP", &utc(stamp));
    lines.line("SEQUENCE", &meeting.sequence.to_string());
    write_times(lines, meeting);
    lines.text("SUMMARY", &meeting.title);
    lines.text_if_any("DESCRIPTION", &shortened(&meeting.description));
    lines.text_if_any("LOCATION", &meeting.location);
    if !meeting.url.is_empty() {
        lines.line("URL", &meeting.url);
    }
    if let Some(organizer) = &meeting.organizer {
        lines.line(&format!("ORGANIZER{}", common_name(organizer)), &mailbox(organizer));
    }
    // A published calendar must not name whom its meetings are for (RFC 5546 §3.2.1).
    if method != Method::Publish {
        for attendee in &meeting.attendees {
            write_attendee(lines, method, attendee);
        }
    }
    lines.line("STATUS", if method == Method::Cancel { "CANCELLED" } else { "CONFIRMED" });
    lines.line("TRANSP", "OPAQUE");
    lines.line("END", "VEVENT");
}

/// When it is. A series has its zone's clocks; the second of two equal times on them, when they are set back, has no
/// writing in iCalendar, and would be read as the first.
fn write_times(lines: &mut ContentLines, meeting: &Meeting) {
    match meeting.zone() {
        Some(zone) => {
            // Quoted only where it has to be: most readers know the bare name.
            let parameter = format!(";TZID={}", zone.name());
            let local = |instant| zone.local(instant).strftime("%Y%m%dT%H%M%S").to_string();
            lines.line(&format!("DTSTART{parameter}"), &local(meeting.start));
            lines.line(&format!("DTEND{parameter}"), &local(meeting.end));
        }
        None => {
            lines.line("DTSTART", &utc(meeting.start));
            lines.line("DTEND", &utc(meeting.end));
        }
    }
    if meeting.weekly_in.is_some() {
        lines.line("RRULE", "FREQ=WEEKLY");
    }
}

fn write_attendee(lines: &mut ContentLines, method: Method, attendee: &Attendee) {
    let role = if attendee.required { "REQ-PARTICIPANT" } else { "OPT-PARTICIPANT" };
    // Without RSVP=TRUE no program offers buttons to answer with.
    let asked = if method == Method::Request { ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE" } else { "" };
    let name = common_name(&attendee.address);
    lines.line(&format!("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE={role}{asked}{name}"), &mailbox(&attendee.address));
}

fn common_name(address: &Address) -> String {
    if address.name.trim().is_empty() { String::new() } else { format!(";CN={}", quoted(&address.name)) }
}

/// The address as programs compare it: not percent-encoded.
fn mailbox(address: &Address) -> String {
    format!("mailto:{}", address.email.trim())
}

fn utc(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The description, and where it is longer than programs take, its beginning with an ellipsis.
fn shortened(description: &str) -> std::borrow::Cow<'_, str> {
    match description.char_indices().nth(Meeting::MAX_DESCRIPTION) {
        None => description.into(),
        Some(_) => {
            let kept = description.chars().take(Meeting::MAX_DESCRIPTION - 1);
            kept.chain(['…']).collect::<String>().into()
        }
    }
}
