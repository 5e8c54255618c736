use domain::TimeOfDay;
use serde_json::Value;

use super::{DayRange, Hours, LevelRange, Override, Range, Rule, Schedule};
use crate::{
    Fault,
    input::{Faults, Object, list, object, parsed, read_body},
};

/// Reads the body of `PUT /users/{email}/schedule`.
///
/// # Errors
/// Every fault in the body.
pub fn parse_schedule(body: &[u8]) -> Result<Schedule, Vec<Fault>> {
    read_body(body, |fields| {
        let time_zone = fields.required("time_zone", parsed);
        let weekly = fields.required("weekly", list(Schedule::MAX_RULES, rule));
        let overrides = fields.optional("overrides", list(Schedule::MAX_OVERRIDES, override_of_a_date));
        let working_hours = fields.optional("working_hours", list(Schedule::MAX_RULES, hours));
        Some(Schedule {
            time_zone: time_zone?,
            weekly: weekly?,
            overrides: overrides?.unwrap_or_default(),
            working_hours: working_hours?.unwrap_or_default(),
        })
    })
}

/// Reads a rule.
pub(crate) fn rule(value: Value, faults: &mut Faults) -> Option<Rule> {
    object(|fields| {
        let (hours, level) = (hours_of(fields), fields.required("level", parsed));
        Some(Rule { hours: hours?, level: level? })
    })(value, faults)
}

/// Reads a rule without a level.
pub(crate) fn hours(value: Value, faults: &mut Faults) -> Option<Hours> {
    object(hours_of)(value, faults)
}

fn hours_of(fields: &mut Object<'_>) -> Option<Hours> {
    let day = fields.required("day", parsed);
    let times = clock_range(fields);
    let ((from, to), day) = (times?, day?);
    Some(Hours { day, from, to })
}

/// Reads `from` and `to`, of which the end of a day can be no start.
fn clock_range(fields: &mut Object<'_>) -> Option<(TimeOfDay, TimeOfDay)> {
    let from = fields.required("from", |value, faults| {
        let from = parsed(value, faults)?;
        if from == TimeOfDay::END_OF_DAY {
            faults.value_error(domain::StartsAtEnd);
            return None;
        }
        Some(from)
    });
    let to = fields.required("to", parsed);
    from.zip(to)
}

fn override_of_a_date(value: Value, faults: &mut Faults) -> Option<Override> {
    object(|fields| {
        let date = fields.required("date", parsed);
        let ranges = fields.required("ranges", list(Schedule::MAX_RANGES, day_range));
        Some(Override { date: date?, ranges: ranges? })
    })(value, faults)
}

fn day_range(value: Value, faults: &mut Faults) -> Option<DayRange> {
    object(|fields| {
        let (times, level) = (clock_range(fields), fields.required("level", parsed));
        let ((from, to), level) = (times?, level?);
        Some(DayRange { from, to, level })
    })(value, faults)
}

/// Reads a range at a level; whether its end is after its start is for whoever lays it out to say.
pub(crate) fn level_range(value: Value, faults: &mut Faults) -> Option<LevelRange> {
    object(|fields| {
        let (start, end) = (fields.required("start", parsed), fields.required("end", parsed));
        let level = fields.required("level", parsed);
        Some(LevelRange { range: Range { start: start?, end: end? }, level: level? })
    })(value, faults)
}
