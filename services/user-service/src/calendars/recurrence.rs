use calcard::{
    common::timezone::Tz,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty,
        ICalendarRecurrenceRule, ICalendarValue,
    },
};
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::partial::Written;

/// The local times at which something recurs, from its start on, at most so many; and whether there may be more.
///
/// # Errors
/// What is wrong with the rule.
pub(super) fn local_times(
    start: DateTime,
    rule: ICalendarRecurrenceRule,
    most: usize,
) -> Result<(Vec<DateTime>, bool), String> {
    let entry = |name, value| ICalendarEntry { name, params: Vec::new(), values: vec![value] };
    let entries = vec![
        entry(
            ICalendarProperty::Dtstart,
            ICalendarValue::PartialDateTime(Box::new(Written::floating(start))),
        ),
        entry(ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(Box::new(rule))),
    ];
    let component_type = ICalendarComponentType::VEvent;
    let event = ICalendarComponent { component_type, entries, component_ids: Vec::new() };
    let calendar = ICalendar { components: vec![event] };
    let expanded = calendar.expand_dates(Tz::Floating, most);
    if let Some(error) = expanded.errors.first() {
        return Err(format!("Its recurrence cannot be read: {}", error.error));
    }
    let times = expanded.events.iter().filter_map(|event| local(event.timestamps().0));
    let times: Vec<DateTime> = times.collect();
    let is_cut = expanded.events.len() >= most;
    Ok((times, is_cut))
}

/// calcard counts the seconds of floating times as if they were in UTC.
fn local(seconds: i64) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?))
}

/// The zone that a VTIMEZONE of a name that nobody knows describes, as far as POSIX can say it: the offsets of its last
/// STANDARD and DAYLIGHT, and the rules by which they take turns every year.
pub(super) fn custom_zone(calendar: &ICalendar) -> Option<TimeZone> {
    let observance = |kind: ICalendarComponentType| {
        let of_kind = calendar.components.iter().filter(|component| component.component_type == kind);
        of_kind.filter_map(Observance::read).max_by_key(|observance| observance.start)
    };
    let standard = observance(ICalendarComponentType::Standard);
    let daylight = observance(ICalendarComponentType::Daylight);
    match (standard, daylight) {
        (Some(standard), Some(daylight)) => {
            let rules = daylight.posix_rule().zip(standard.posix_rule());
            let Some((to_daylight, to_standard)) = rules else {
                // They do not take turns any more.
                let last = if daylight.start > standard.start { daylight } else { standard };
                return Some(Offset::from_seconds(last.offset).ok()?.to_time_zone());
            };
            let name = format!(
                "<S>{}<D>{},{to_daylight},{to_standard}",
                posix_offset(standard.offset),
                posix_offset(daylight.offset)
            );
            TimeZone::posix(&name.replace("<S>", "<STD>").replace("<D>", "<DST>")).ok()
        }
        (Some(only), None) | (None, Some(only)) => {
            Some(Offset::from_seconds(only.offset).ok()?.to_time_zone())
        }
        (None, None) => None,
    }
}

/// A STANDARD or DAYLIGHT.
struct Observance {
    start: DateTime,
    /// Seconds that local time is ahead of UTC.
    offset: i32,
    /// Month, week of the month (5 is the last) and weekday (0 is Sunday) of every year.
    rule: Option<(i8, i16, u8)>,
}

impl Observance {
    fn read(component: &ICalendarComponent) -> Option<Observance> {
        let value = |property| component.property(&property)?.values.first();
        let ICalendarValue::PartialDateTime(start) = value(ICalendarProperty::Dtstart)? else { return None };
        let ICalendarValue::PartialDateTime(offset) = value(ICalendarProperty::Tzoffsetto)? else {
            return None;
        };
        let seconds =
            i32::from(offset.tz_hour?) * 3600 + i32::from(offset.tz_minute.unwrap_or_default()) * 60;
        let rule = match value(ICalendarProperty::Rrule) {
            Some(ICalendarValue::RecurrenceRule(rule)) if rule.until.is_none() => yearly(rule),
            _ => None,
        };
        Some(Observance {
            start: Written::read(start)?.local,
            offset: if offset.tz_minus { -seconds } else { seconds },
            rule,
        })
    }

    fn posix_rule(&self) -> Option<String> {
        let (month, week, day) = self.rule?;
        let time = self.start.time();
        Some(format!("M{month}.{week}.{day}/{}:{:02}:{:02}", time.hour(), time.minute(), time.second()))
    }
}

fn yearly(rule: &ICalendarRecurrenceRule) -> Option<(i8, i16, u8)> {
    use calcard::icalendar::{ICalendarFrequency, ICalendarWeekday};
    let [day] = rule.byday.as_slice() else { return None };
    let [month] = rule.bymonth.as_slice() else { return None };
    if rule.freq != ICalendarFrequency::Yearly {
        return None;
    }
    let weekday = match day.weekday {
        ICalendarWeekday::Sunday => 0,
        ICalendarWeekday::Monday => 1,
        ICalendarWeekday::Tuesday => 2,
        ICalendarWeekday::Wednesday => 3,
        ICalendarWeekday::Thursday => 4,
        ICalendarWeekday::Friday => 5,
        ICalendarWeekday::Saturday => 6,
    };
    let week = match day.ordwk? {
        -1 => 5,
        week @ 1..=4 => week,
        _ => return None,
    };
    Some((month.month().try_into().ok()?, week, weekday))
}

/// POSIX counts offsets to the west.
fn posix_offset(seconds: i32) -> String {
    let sign = if seconds > 0 { "-" } else { "" };
    let minutes = seconds.abs() / 60;
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}
