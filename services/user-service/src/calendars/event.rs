use std::collections::HashSet;

use calcard::icalendar::{
    ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry, ICalendarParameterName,
    ICalendarParameterValue, ICalendarParticipationStatus, ICalendarPeriod, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Owner,
    partial::Written,
    zones::{FileZones, parsed},
};
use crate::key::Key;

/// One VEVENT.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) uid: Option<String>,
    pub(super) is_busy: bool,
    pub(super) start: Written,
    /// The zone of its start, in which it recurs.
    pub(super) zone: TimeZone,
    pub(super) length: Length,
    pub(super) rule: Option<ICalendarRecurrenceRule>,
    /// Further starts, some with an end of their own.
    pub(super) more: Vec<(Timestamp, Option<Timestamp>)>,
    pub(super) excluded: HashSet<Timestamp>,
    pub(super) excluded_days: HashSet<Date>,
    /// Which occurrence of another event with its UID it stands for, and whether for all later ones too.
    pub(super) replaces: Option<(Timestamp, bool)>,
}

/// How long an event is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// In seconds that pass.
    Exact(i64),
    /// In days and seconds on the clock.
    Nominal { days: i64, seconds: i64 },
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// Its UID, and why it cannot be read.
    pub(super) fn read(
        text: &str,
        owner: &Owner,
        zones: &FileZones,
    ) -> Result<Event, (Option<String>, String)> {
        let calendar = parsed(text);
        let component = calendar.as_ref().and_then(|calendar| {
            let is_event = |part: &&ICalendarComponent| part.component_type == ICalendarComponentType::VEvent;
            calendar.components.iter().find(is_event)
        });
        let component = component.ok_or_else(|| (None, "It cannot be read".to_owned()))?;
        let uid = component.uid().map(|uid| uid.chars().take(200).collect::<String>());
        Event::of(component, uid.clone(), owner, zones).map_err(|msg| (uid, msg))
    }

    fn of(
        component: &ICalendarComponent,
        uid: Option<String>,
        owner: &Owner,
        zones: &FileZones,
    ) -> Result<Event, String> {
        let replaced = component.property(&ICalendarProperty::RecurrenceId);
        let start = component.property(&ICalendarProperty::Dtstart).or(replaced);
        let start_entry = start.ok_or("It has no DTSTART")?;
        let start = written(start_entry).ok_or("Its DTSTART is no time")?;
        let zone = if start.has_time { zones.of(start_entry.tz_id())? } else { zones.of_days().clone() };
        let zone = match start.offset {
            Some(0) => TimeZone::UTC,
            _ => zone,
        };
        let mut event = Event {
            uid,
            is_busy: is_busy(component, owner),
            length: length(component, start, &zone, zones)?,
            start,
            zone,
            rule: None,
            more: Vec::new(),
            excluded: HashSet::new(),
            excluded_days: HashSet::new(),
            replaces: None,
        };
        if let Some(entry) = replaced {
            let at = written(entry).ok_or("Its RECURRENCE-ID is no time")?;
            let zone = zones.of(entry.tz_id().or(start_entry.tz_id()))?;
            let at = zones.instant(at, &zone).ok_or("Its RECURRENCE-ID is no time")?;
            event.replaces = Some((at, entry.has_parameter(&ICalendarParameterName::Range)));
        }
        for entry in component.properties(&ICalendarProperty::Rdate) {
            event.add_dates(entry, start_entry.tz_id(), zones)?;
        }
        for entry in component.properties(&ICalendarProperty::Exdate) {
            let zone = zones.of(entry.tz_id().or(start_entry.tz_id()))?;
            for value in entry.values.iter().filter_map(date_time) {
                let Some(at) = zones.instant(value, &zone) else { continue };
                if value.has_time {
                    event.excluded.insert(at);
                } else {
                    event.excluded_days.insert(value.local.date());
                }
            }
        }
        if let Some(entry) = component.property(&ICalendarProperty::Rrule) {
            let Some(ICalendarValue::RecurrenceRule(rule)) = entry.values.first() else {
                return Err("Its RRULE cannot be read".to_owned());
            };
            event.rule = Some(event.local_rule(rule.as_ref().clone()));
        }
        Ok(event)
    }

    /// The rule with its UNTIL in the event's local time; a day without a time is in it to its end.
    fn local_rule(&self, mut rule: ICalendarRecurrenceRule) -> ICalendarRecurrenceRule {
        let until = rule.until.as_ref().and_then(Written::read);
        rule.until = until.map(|until| {
            let local = match until.offset.and_then(|offset| jiff::tz::Offset::from_seconds(offset).ok()) {
                Some(offset) => offset.to_timestamp(until.local).map(|at| self.zone.to_datetime(at)).ok(),
                None if until.has_time => Some(until.local),
                None => Some(until.local.date().at(23, 59, 59, 0)),
            };
            Written::floating(local.unwrap_or(until.local))
        });
        rule
    }

    fn add_dates(
        &mut self,
        entry: &ICalendarEntry,
        tzid: Option<&str>,
        zones: &FileZones,
    ) -> Result<(), String> {
        let zone = zones.of(entry.tz_id().or(tzid))?;
        let instant = |partial| zones.instant(Written::read(partial)?, &zone);
        for value in &entry.values {
            match value {
                ICalendarValue::PartialDateTime(start) => {
                    self.more.extend(instant(start).map(|start| (start, None)));
                }
                ICalendarValue::Period(ICalendarPeriod::Range { start, end }) => {
                    self.more.extend(instant(start).zip(instant(end)).map(|(start, end)| (start, Some(end))));
                }
                ICalendarValue::Period(ICalendarPeriod::Duration { start, duration }) => {
                    let end = |start: Timestamp| Length::of(duration).end(start, &zone);
                    self.more.extend(instant(start).map(|start| (start, end(start))));
                }
                _ => (),
            }
        }
        Ok(())
    }
}

impl Length {
    fn of(duration: &ICalendarDuration) -> Length {
        let sign = if duration.neg { -1 } else { 1 };
        let days = sign * (i64::from(duration.weeks) * 7 + i64::from(duration.days));
        let seconds =
            i64::from(duration.hours) * 3600 + i64::from(duration.minutes) * 60 + i64::from(duration.seconds);
        if days == 0 {
            Length::Exact(sign * seconds)
        } else {
            Length::Nominal { days, seconds: sign * seconds }
        }
    }

    /// In days, rounded up.
    pub(super) fn days(self) -> i64 {
        const DAY: i64 = 24 * 60 * 60;
        match self {
            Length::Exact(seconds) => seconds / DAY + 1,
            Length::Nominal { days, seconds } => days.saturating_add(seconds / DAY + 1),
        }
    }

    /// When something ends that starts then.
    pub(super) fn end(self, start: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Length::Exact(seconds) => Timestamp::from_second(start.as_second().checked_add(seconds)?).ok(),
            Length::Nominal { days, seconds } => {
                let day = jiff::Span::new().try_days(days).ok()?;
                let local = zone.to_datetime(start).checked_add(day).ok()?;
                let end = super::zones::utc(local, zone)?;
                Timestamp::from_second(end.as_second().checked_add(seconds)?).ok()
            }
        }
    }
}

fn length(
    component: &ICalendarComponent,
    start: Written,
    zone: &TimeZone,
    zones: &FileZones,
) -> Result<Length, String> {
    if let Some(entry) = component.property(&ICalendarProperty::Dtend) {
        let end = written(entry).ok_or("Its DTEND is no time")?;
        if !start.has_time {
            let days =
                end.local.date().since(start.local.date()).map_err(|error| error.to_string())?.get_days();
            return Ok(Length::Nominal { days: i64::from(days).max(1), seconds: 0 });
        }
        let end_zone = match entry.tz_id() {
            Some(tzid) => zones.of(Some(tzid))?,
            None => zone.clone(),
        };
        let instants = zones.instant(start, zone).zip(zones.instant(end, &end_zone));
        let (start, end) = instants.ok_or("Its DTEND is no time")?;
        return if end < start {
            Err("It ends before it starts".to_owned())
        } else {
            Ok(Length::Exact(end.as_second() - start.as_second()))
        };
    }
    match component.property(&ICalendarProperty::Duration).and_then(|entry| entry.values.first()) {
        Some(ICalendarValue::Duration(duration)) if !duration.neg => Ok(Length::of(duration)),
        Some(_) => Err("Its DURATION cannot be read".to_owned()),
        None if start.has_time => Ok(Length::Exact(0)),
        None => Ok(Length::Nominal { days: 1, seconds: 0 }),
    }
}

/// Not what is transparent or cancelled, nor what the owner has declined.
fn is_busy(component: &ICalendarComponent, owner: &Owner) -> bool {
    let is_free = component.transparency() == Some(&ICalendarTransparency::Transparent)
        || component.status() == Some(&ICalendarStatus::Cancelled);
    let own = component.properties(&ICalendarProperty::Attendee).find(|entry| {
        entry.calendar_address().is_some_and(|address| Key::of(address).as_ref() == Some(&owner.key))
    });
    let status = own.and_then(|entry| entry.parameter(&ICalendarParameterName::Partstat));
    let is_refused = match status {
        Some(ICalendarParameterValue::Partstat(ICalendarParticipationStatus::Declined)) => true,
        Some(ICalendarParameterValue::Partstat(ICalendarParticipationStatus::NeedsAction)) => {
            !owner.unanswered_is_busy
        }
        _ => false,
    };
    !is_free && !is_refused
}

fn written(entry: &ICalendarEntry) -> Option<Written> {
    entry.values.first().and_then(date_time)
}

fn date_time(value: &ICalendarValue) -> Option<Written> {
    Written::read(value.as_partial_date_time()?)
}
