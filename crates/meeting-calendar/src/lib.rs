//! Meetings as iCalendar text (RFC 5545): to download, to subscribe to, and to send as an invitation (RFC 5546).
//!
//! A single meeting is in UTC. One that repeats every week has the clocks of a zone, whose rules are in the text as a
//! VTIMEZONE. The writer is our own: a title or a name must not break out of its line, and no line may be longer than 75
//! octets.

mod content_lines;
mod event;
mod time_zone;

use domain::Zone;
use jiff::Timestamp;

use content_lines::ContentLines;

const PRODUCT: &str = "-//W2Meet//W2Meet//EN";

/// What the receiver is to do with meetings (RFC 5546 §1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Show them. There is nothing to answer, and nobody is named as invited.
    Publish,
    /// Answer them, and take what is new of those that are known.
    Request,
    /// Take them out.
    Cancel,
    /// Know that they stay when they are, although another time was proposed.
    DeclineCounter,
}

impl Method {
    /// The word of the standard, which is also the parameter `method` of the media type.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Publish => "PUBLISH",
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
            Method::DeclineCounter => "DECLINECOUNTER",
        }
    }
}

/// A meeting as calendars know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// What it is known by, in every calendar and for ever.
    pub uid: String,
    /// Counts its changes; a higher one replaces a lower one.
    pub sequence: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    /// An IANA zone: the meeting repeats every week at the same time on that zone's clocks. Where the zone is unknown,
    /// or UTC, the series keeps its time in UTC.
    pub weekly_in: Option<String>,
    pub title: String,
    /// Written up to [`Meeting::MAX_DESCRIPTION`] characters.
    pub description: String,
    pub location: String,
    /// Where people reach it in the web; nothing where it is empty.
    pub url: String,
    pub organizer: Option<Address>,
    pub attendees: Vec<Attendee>,
}

impl Meeting {
    /// Most characters of a description; some programs cut longer ones in the middle.
    pub const MAX_DESCRIPTION: usize = 8_000;

    /// By what the meeting of a poll is known, whichever way it gets into a calendar.
    pub fn uid_of_poll(poll_id: &str) -> String {
        format!("{poll_id}@w2meet")
    }

    /// A description with the poll's page below it: some programs show no URL but that.
    pub fn description_with_url(description: &str, url: &str) -> String {
        let parts = [description.trim(), url].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("\n\n")
    }

    /// The zone on whose clocks it repeats, if the times are not in UTC.
    fn zone(&self) -> Option<Zone> {
        let zone = Zone::parse(self.weekly_in.as_deref()?).ok()?;
        (zone.name() != Zone::utc().name()).then_some(zone)
    }
}

/// Somebody with a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// May be empty.
    pub name: String,
    pub email: String,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    pub address: Address,
    /// Whether the meeting needs them.
    pub required: bool,
}

/// Meetings as a calendar. `stamp` is when this was said (DTSTAMP).
pub fn calendar_text(method: Method, meetings: &[Meeting], stamp: Timestamp) -> String {
    calendar(method, meetings, stamp, &[])
}

/// Meetings as a calendar to subscribe to: with a name, and with how often it is worth to look again.
pub fn feed_text(name: &str, meetings: &[Meeting], stamp: Timestamp) -> String {
    calendar(
        Method::Publish,
        meetings,
        stamp,
        &[
            ("NAME", name),
            ("X-WR-CALNAME", name),
            ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
            ("X-PUBLISHED-TTL", "PT1H"),
        ],
    )
}

fn calendar(method: Method, meetings: &[Meeting], stamp: Timestamp, properties: &[(&str, &str)]) -> String {
    let mut lines = ContentLines::default();
    lines.line("BEGIN", "VCALENDAR");
    lines.line("VERSION", "2.0");
    lines.line("PRODID", PRODUCT);
    lines.line("CALSCALE", "GREGORIAN");
    lines.line("METHOD", method.as_str());
    for (name, text) in properties {
        lines.text(name, text);
    }
    for (zone, first) in zones(meetings) {
        time_zone::write(&mut lines, &zone, first);
    }
    for meeting in meetings {
        event::write(&mut lines, method, meeting, stamp);
    }
    lines.line("END", "VCALENDAR");
    lines.into_text()
}

/// The zones of the meetings, each once, with the first instant from which its rules are needed.
fn zones(meetings: &[Meeting]) -> Vec<(Zone, Timestamp)> {
    let mut zones: Vec<(Zone, Timestamp)> = Vec::new();
    for meeting in meetings {
        let Some(zone) = meeting.zone() else { continue };
        match zones.iter_mut().find(|(known, _)| *known == zone) {
            Some((_, first)) => *first = meeting.start.min(*first),
            None => zones.push((zone, meeting.start)),
        }
    }
    zones
}
