use std::fmt::Write;

use jiff::{Timestamp as Instant, tz::TimeZone};
use wire::{FreeBusy, Range};

/// Busy times as a VFREEBUSY of RFC 5545, all in UTC. It names nobody.
pub(super) fn text(times: &FreeBusy, from: Instant, to: Instant, now: Instant) -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//W2Meet//freebusy//EN\r\n");
    text.push_str("METHOD:PUBLISH\r\nBEGIN:VFREEBUSY\r\n");
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}:{value}\r\n");
    };
    line("DTSTAMP", utc(now));
    line("DTSTART", utc(from));
    line("DTEND", utc(to));
    // One period a line, so that none has to be folded.
    for Range { start, end } in &times.busy {
        line("FREEBUSY;FBTYPE=BUSY", format!("{}/{}", utc(*start), utc(*end)));
    }
    text.push_str("END:VFREEBUSY\r\nEND:VCALENDAR\r\n");
    text
}

fn utc(instant: Instant) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_when_and_nothing_else() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (from, to) = (at("2026-03-08T00:00:00Z"), at("2026-03-09T00:00:00Z"));
        let busy = vec![Range { start: at("2026-03-08T06:00:00Z"), end: at("2026-03-08T07:30:00Z") }];
        let text = text(&FreeBusy { busy, free: Vec::new() }, from, to, from);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines.contains(&"FREEBUSY;FBTYPE=BUSY:20260308T060000Z/20260308T073000Z"), "{text}");
        assert!(lines.contains(&"DTEND:20260309T000000Z") && lines.iter().all(|line| line.len() <= 75));
    }
}
