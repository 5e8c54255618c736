//! A calendar as programs export them.

use std::fmt::Write;

/// Events of the calendar, and how many of them recur.
pub(crate) const EVENTS: usize = 10_000;
pub(crate) const RECURRING: usize = 500;
const RULES: [&str; 5] = [
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=DAILY",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20271231T000000Z",
];

/// Events over four years, each with what such programs write of one; those that recur have done so for up to two years
/// before 2027.
pub(crate) fn calendar() -> String {
    let mut text = "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\n\
                    CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Ada\r\nX-WR-TIMEZONE:Europe/Berlin\r\n"
        .to_owned();
    let step = EVENTS / RECURRING;
    for number in 0..EVENTS {
        let (year, month, day) = (2025 + number % 4, 1 + number / 4 % 12, 1 + number / 48 % 28);
        let hour = 7 + number % 11;
        let recurs = number % step == 0;
        // Of numbers that recur the year is the same.
        let year = if recurs { 2025 + number / step % 2 } else { year };
        let date = format!("{year}{month:02}{day:02}");
        let rule = match RULES.get(number / step % RULES.len()) {
            Some(rule) if recurs => {
                format!("RRULE:{rule}\r\nEXDATE;TZID=Europe/Berlin:20270105T{hour:02}0000\r\n")
            }
            _ => String::new(),
        };
        // Writing into a text does not fail.
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Berlin:{date}T{hour:02}0000\r\n\
             DTEND;TZID=Europe/Berlin:{date}T{hour:02}4500\r\n{rule}DTSTAMP:20261130T080000Z\r\n\
             ORGANIZER;CN=Ada:mailto:ada@example.com\r\nUID:event-{number}@example.com\r\n\
             ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Grace;X-NUM-\r\n \
             GUESTS=0:mailto:grace@example.com\r\n\
             ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ada;X-NUM-GU\r\n \
             ESTS=0:mailto:ada@example.com\r\n\
             CREATED:20261001T080000Z\r\nDESCRIPTION:What we talked about the last time\\, and what is next.\\n\r\n \
             Join: https://video.example.com/rooms/{number}\r\n\
             LAST-MODIFIED:20261101T080000Z\r\nLOCATION:Room {number}\r\nSEQUENCE:0\r\nSTATUS:CONFIRMED\r\n\
             SUMMARY:Meeting {number}\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n",
        );
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn has_as_many_events_and_rules_as_it_says() {
        let text = super::calendar();
        assert_eq!(text.matches("BEGIN:VEVENT").count(), super::EVENTS);
        assert_eq!(text.matches("RRULE:").count(), super::RECURRING);
        assert!(text.len() < 10 * 1024 * 1024);
    }
}
