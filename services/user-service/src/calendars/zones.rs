use std::{collections::HashMap, str::FromStr};

use calcard::{
    Entry, Parser,
    common::timezone::Tz,
    icalendar::{ICalendar, ICalendarProperty, ICalendarValue},
};
use domain::Zone;
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use super::{Problems, partial::Written, recurrence::custom_zone};

/// What a file means by the names of zones.
#[derive(Debug)]
pub(super) struct FileZones {
    named: HashMap<String, TimeZone>,
    default: TimeZone,
    /// The zone of whole days.
    owner: TimeZone,
}

impl FileZones {
    /// By the file's own VTIMEZONE components, and `X-WR-TIMEZONE` or else the owner's zone for times that name none.
    pub(super) fn new(
        components: &[String],
        zone_name: Option<&str>,
        owner: &Zone,
        problems: &mut Problems,
    ) -> FileZones {
        let mut named = HashMap::new();
        for text in components {
            let Some(calendar) = parsed(text) else { continue };
            let Some(component) = calendar.timezones().next() else { continue };
            let id = component.property(&ICalendarProperty::Tzid).and_then(|entry| entry.values.first());
            let Some(id) = id.and_then(ICalendarValue::as_text) else {
                problems.note(None, "A VTIMEZONE has no TZID");
                continue;
            };
            let known = component.timezone().and_then(|(_, zone)| known_zone(zone));
            match known.or_else(|| custom_zone(&calendar)) {
                Some(zone) => drop(named.insert(id.to_owned(), zone)),
                None => problems.note(None, format!("The rules of the time zone {id:?} cannot be read")),
            }
        }
        let owner = owner.rules().clone();
        let default = zone_name.and_then(by_name).unwrap_or_else(|| owner.clone());
        FileZones { named, default, owner }
    }

    /// The zone of a property with this TZID.
    ///
    /// # Errors
    /// When nobody knows the name.
    pub(super) fn of(&self, tzid: Option<&str>) -> Result<TimeZone, String> {
        let Some(name) = tzid else { return Ok(self.default.clone()) };
        let known = self.named.get(name).cloned().or_else(|| by_name(name));
        known.ok_or_else(|| format!("Nobody knows the time zone {name:?}"))
    }

    /// The instant that is meant: by its own offset, as a whole day of the owner, or in this zone.
    pub(super) fn instant(&self, written: Written, zone: &TimeZone) -> Option<Timestamp> {
        match written.offset {
            Some(offset) => Offset::from_seconds(offset).ok()?.to_timestamp(written.local).ok(),
            None if !written.has_time => utc(written.local, &self.owner),
            None => utc(written.local, zone),
        }
    }

    /// The zone whose days an event has.
    pub(super) fn of_days(&self) -> &TimeZone {
        &self.owner
    }
}

/// RFC 5545 §3.3.5: the first of the two in a fold, the offset before the gap in a gap.
pub(super) fn utc(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let offset = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, .. } | AmbiguousOffset::Gap { before, .. } => before,
    };
    offset.to_timestamp(local).ok()
}

/// Zones of the IANA database, of Windows, and what others call them.
fn by_name(name: &str) -> Option<TimeZone> {
    let name = name.trim().trim_matches('"');
    // Some put a path of their own before the name.
    let tail = || name.match_indices('/').find_map(|(slash, _)| Zone::named(&name[slash + 1..]));
    let iana = Zone::named(name).or_else(tail).map(|zone| zone.rules().clone());
    iana.or_else(|| known_zone(Tz::from_str(name).ok()?))
}

fn known_zone(zone: Tz) -> Option<TimeZone> {
    Some(Zone::named(&zone.name()?)?.rules().clone())
}

pub(super) fn parsed(text: &str) -> Option<ICalendar> {
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => Some(calendar),
        _ => None,
    }
}
