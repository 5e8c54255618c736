//! Answers of calendars to a meeting (RFC 5546 §3.2.3 and §3.2.7): `REPLY`, and `COUNTER`, which proposes another time.

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarMethod,
    ICalendarParameterName, ICalendarParameterValue, ICalendarParticipationStatus, ICalendarProperty,
    ICalendarValue,
};
use domain::Zone;
use jiff::Timestamp;
use wire::{AsText, InboundReply, MeetingReply, Range, ReplyStatus};

use super::{
    Owner, Problems,
    event::Event,
    lines,
    partial::Written,
    zones::{FileZones, parsed},
};
use crate::{key::Key, polls::CalendarReply};

/// What stands behind the id of a poll in the UID of its meeting.
const UID_SUFFIX: &str = "@w2meet";

/// An answer, and whose it says to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadReply {
    /// As the UID has it.
    pub(crate) poll_id: String,
    pub(crate) attendee: Key,
    /// The address that the request came from, which not every program writes.
    pub(crate) organizer: Option<String>,
    pub(crate) reply: CalendarReply,
}

/// Reads the answer that a calendar is. `method` is what its media type says, for a calendar that does not.
///
/// # Errors
/// Why it is none.
pub fn read_reply(calendar: &str, method: Option<&str>) -> Result<ReadReply, &'static str> {
    if calendar.len() > InboundReply::MAX_CALENDAR {
        return Err("the calendar is too long for an answer");
    }
    let text = lines::unfolded(calendar.as_bytes());
    let text = text.trim_start();
    let parts = lines::parts(text).ok_or("it is no calendar")?;
    let file = parsed(text).ok_or("it is no calendar")?;
    let is_counter = match own_method(&file).or_else(|| named_method(method?)) {
        Some(ICalendarMethod::Reply) => false,
        Some(ICalendarMethod::Counter) => true,
        _ => return Err("its method is neither REPLY nor COUNTER"),
    };
    let is_event = |part: &&ICalendarComponent| part.component_type == ICalendarComponentType::VEvent;
    let mut events = file.components.iter().filter(is_event);
    let event = events.next().ok_or("it has no event")?;
    if events.next().is_some() {
        return Err("it has several events");
    }
    if event.has_property(&ICalendarProperty::RecurrenceId) {
        return Err("it is about one occurrence of a series");
    }
    let poll_id = event.uid().and_then(|uid| uid.trim().strip_suffix(UID_SUFFIX));
    let mut attendees = event.properties(&ICalendarProperty::Attendee);
    let attendee = attendees.next().ok_or("it has no attendee")?;
    if attendees.next().is_some() {
        return Err("it has several attendees");
    }
    let organizer = event.property(&ICalendarProperty::Organizer).and_then(ICalendarEntry::calendar_address);
    let sequence = match event.property(&ICalendarProperty::Sequence).and_then(|entry| entry.values.first()) {
        Some(ICalendarValue::Integer(sequence)) => *sequence,
        Some(_) => return Err("its SEQUENCE is no number"),
        None => 0,
    };
    let reply = CalendarReply {
        status: status(attendee, is_counter).ok_or("it does not say whether its attendee comes")?,
        sequence,
        stamp: stamp(event).ok_or("its DTSTAMP is no instant")?,
        proposal: is_counter.then(|| proposal(&parts)).flatten(),
        comment: comment(event),
    };
    let attendee = attendee.calendar_address().and_then(Key::of).ok_or("its attendee has no address")?;
    Ok(ReadReply {
        poll_id: poll_id.ok_or("its UID is none of a poll's meeting")?.to_owned(),
        attendee,
        organizer: organizer.map(str::to_owned),
        reply,
    })
}

fn own_method(file: &ICalendar) -> Option<ICalendarMethod> {
    let is_calendar = |part: &&ICalendarComponent| part.component_type == ICalendarComponentType::VCalendar;
    let calendar = file.components.iter().find(is_calendar)?;
    match calendar.property(&ICalendarProperty::Method)?.values.first()? {
        ICalendarValue::Method(method) => Some(method.clone()),
        value => named_method(value.as_text()?),
    }
}

fn named_method(name: &str) -> Option<ICalendarMethod> {
    match name.trim().to_ascii_uppercase().as_str() {
        "REPLY" => Some(ICalendarMethod::Reply),
        "COUNTER" => Some(ICalendarMethod::Counter),
        _ => None,
    }
}

/// Whoever proposes another time and says no more may come.
fn status(attendee: &ICalendarEntry, is_counter: bool) -> Option<ReplyStatus> {
    let status = match attendee.parameter(&ICalendarParameterName::Partstat) {
        Some(ICalendarParameterValue::Partstat(status)) => Some(status),
        _ => None,
    };
    match status {
        Some(ICalendarParticipationStatus::Accepted) => Some(ReplyStatus::Accepted),
        Some(ICalendarParticipationStatus::Declined) => Some(ReplyStatus::Declined),
        Some(ICalendarParticipationStatus::Tentative) => Some(ReplyStatus::Tentative),
        Some(ICalendarParticipationStatus::NeedsAction) | None if is_counter => Some(ReplyStatus::Tentative),
        _ => None,
    }
}

fn stamp(event: &ICalendarComponent) -> Option<Timestamp> {
    let entry = event.property(&ICalendarProperty::Dtstamp)?;
    let written = Written::read(entry.values.first()?.as_partial_date_time()?)?;
    let offset = jiff::tz::Offset::from_seconds(written.offset.unwrap_or_default()).ok()?;
    offset.to_timestamp(written.local).ok()
}

/// The time of the event, as calendars that are imported are read; none where nobody can say in which zone it is, or where it
/// is no time at all.
fn proposal(parts: &lines::Parts<'_>) -> Option<Range> {
    let owner = Owner { key: Key::of("")?, zone: Zone::utc(), unanswered_is_busy: true };
    let zones = FileZones::new(&parts.zones, parts.zone_name, &owner.zone, &mut Problems::default());
    let text = &parts.events.first()?.text();
    let event = Event::read(text, &owner, &zones).ok()?;
    let has_zone = event.start.offset.is_some() || parts.zone_name.is_some() || names_zone(text);
    let start = zones.instant(event.start, &event.zone).filter(|_| event.start.has_time && has_zone)?;
    let end = event.length.end(start, &event.zone).filter(|end| start < *end)?;
    // What could be stored, and not be read again.
    let is_told = |instant: Timestamp| Timestamp::from_text(&instant.to_text()).is_ok();
    (is_told(start) && is_told(end)).then_some(Range { start, end })
}

fn names_zone(event: &str) -> bool {
    let mut lines = event.lines().map(str::to_ascii_uppercase);
    lines.any(|line| line.starts_with("DTSTART;") && line.contains("TZID="))
}

fn comment(event: &ICalendarComponent) -> Option<String> {
    let comments =
        event.properties(&ICalendarProperty::Comment).filter_map(|entry| entry.values.first()?.as_text());
    let text = comments.collect::<Vec<_>>().join("\n").replace("\r\n", "\n").replace('\r', "\n");
    let kept = text.chars().filter(|letter| *letter == '\n' || !letter.is_control());
    let kept: String = kept.take(MeetingReply::MAX_COMMENT).collect();
    Some(kept.trim().to_owned()).filter(|kept| !kept.is_empty())
}
