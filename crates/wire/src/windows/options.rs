use std::collections::BTreeSet;

use domain::{SLOT_MINUTES, Zone};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::{IfNeeded, WorkingHours};
use crate::{
    Fault, Fields, PollLayout,
    input::{AsText, Faults, Object, boolean, integer, list, object, parsed, read_body, sentence},
    schema::{DateText, ZoneName},
};

/// How windows are looked for and ranked: the body of `POST /polls/{id}/suggestions`, and a part of that of
/// `POST /find-times`. Every field has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct WindowOptions {
    /// How long the meeting is, in minutes: a multiple of 15 up to a week. The poll's, or 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 15, maximum = 10_080, multiple_of = 15, example = 60)]
    pub duration_minutes: Option<u32>,
    /// From one possible start to the next, in minutes: a multiple of 15 up to a day. 15 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 15, maximum = 1_440, multiple_of = 15, example = 15)]
    pub interval_minutes: Option<u32>,
    /// On whose clocks starts are counted and weeks begin. The poll's, or UTC.
    #[serde(serialize_with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ZoneName>)]
    pub time_zone: Option<Zone>,
    /// Those without whom the meeting cannot be, by participant id or address; for a poll besides those of the organiser.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1_000, nullable = false)]
    pub required: Vec<String>,
    /// Groups of which some have to come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, nullable = false)]
    pub groups: Vec<Quorum>,
    /// What an `if_needed` is worth.
    pub if_needed: IfNeeded,
    /// What has to be free around the meeting.
    pub buffer_minutes: BufferMinutes,
    /// What working hours do.
    pub working_hours: WorkingHours,
    /// Most windows in the answer, 1–100; 10 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100, example = 10)]
    pub max_windows: Option<u32>,
    /// Whether windows may overlap.
    pub overlapping: bool,
    /// For a weekly poll: how many real weeks are looked at, 1–12; 12 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 12, example = 12)]
    pub weeks: Option<u32>,
    /// For a weekly poll: a date of the first of these weeks. The week after the current one by default.
    #[serde(serialize_with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateText>)]
    pub first_week: Option<Date>,
    /// For a weekly poll: whether a time for each week is wanted, such that the burden is shared.
    pub rotate: bool,
}

/// A group of which some have to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quorum {
    /// Who is in it, by participant id or address.
    #[schema(min_items = 1, max_items = 1_000)]
    pub members: Vec<String>,
    /// How many of them have to come.
    #[schema(minimum = 1)]
    pub required: u32,
}

/// Minutes around a meeting that have to be free, each 0–1440. They are rounded up to quarters of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BufferMinutes {
    /// Before it.
    #[schema(maximum = 1_440)]
    pub before: u32,
    /// After it.
    #[schema(maximum = 1_440)]
    pub after: u32,
}

impl WindowOptions {
    /// How long a meeting is that says nothing else, in minutes.
    pub const DURATION: u32 = 60;
    /// Windows that are given where nothing else is asked for.
    pub const WINDOWS: u32 = 10;
    /// Most windows in one answer.
    pub const MAX_WINDOWS: u32 = 100;
    /// Weeks of a weekly poll that are looked at, and at most.
    pub const MAX_WEEKS: u32 = 12;
    /// Most names in `required`, and most members of a group.
    pub const MAX_NAMES: usize = 1_000;
    /// Most groups.
    pub const MAX_GROUPS: usize = 50;
    /// Longest time around a meeting, and longest interval, in minutes.
    pub const MAX_MINUTES: u32 = 1_440;

    /// Reads the body of `POST /polls/{id}/suggestions`; an empty one is all defaults.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<WindowOptions, Vec<Fault>> {
        let is_empty = body.iter().all(u8::is_ascii_whitespace);
        read_body(if is_empty { b"{}" } else { body }, WindowOptions::read)
    }

    /// What is left in the body of an order; whatever is wrong is noted there.
    pub fn of_fields(fields: &mut Fields) -> Option<WindowOptions> {
        let mut faults = Faults::of_body();
        let read = Object::new(fields.take_all(), &mut faults).read(WindowOptions::read);
        match faults.finish(read) {
            Ok(options) => Some(options),
            Err(found) => {
                found.into_iter().for_each(|fault| fields.fault(fault));
                None
            }
        }
    }

    pub(super) fn read(fields: &mut Object<'_>) -> Option<WindowOptions> {
        let duration_minutes = fields.optional("duration_minutes", quarters(PollLayout::MAX_DURATION));
        let interval_minutes = fields.optional("interval_minutes", quarters(Self::MAX_MINUTES));
        let time_zone = fields.optional("time_zone", parsed);
        let required = fields.optional("required", list(Self::MAX_NAMES, name));
        let groups = fields.optional("groups", list(Self::MAX_GROUPS, quorum));
        let if_needed = fields.optional("if_needed", parsed);
        let buffer_minutes = fields.optional("buffer_minutes", object(buffer));
        let working_hours = fields.optional("working_hours", parsed);
        let max_windows = fields.optional("max_windows", integer(1..=Self::MAX_WINDOWS));
        let overlapping = fields.optional("overlapping", boolean);
        let weeks = fields.optional("weeks", integer(1..=Self::MAX_WEEKS));
        let first_week = fields.optional("first_week", parsed);
        let rotate = fields.optional("rotate", boolean);
        Some(WindowOptions {
            duration_minutes: duration_minutes?,
            interval_minutes: interval_minutes?,
            time_zone: time_zone?,
            required: required?.unwrap_or_default(),
            groups: groups?.unwrap_or_default(),
            if_needed: if_needed?.unwrap_or_default(),
            buffer_minutes: buffer_minutes?.unwrap_or_default(),
            working_hours: working_hours?.unwrap_or_default(),
            max_windows: max_windows?,
            overlapping: overlapping?.unwrap_or_default(),
            weeks: weeks?,
            first_week: first_week?,
            rotate: rotate?.unwrap_or_default(),
        })
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference")]
fn optional_text<T: AsText, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(AsText::to_text).serialize(serializer)
}

/// Reads minutes that are whole quarters of an hour.
pub(crate) fn quarters(most: u32) -> impl FnOnce(Value, &mut Faults) -> Option<u32> {
    move |value, faults| {
        let minutes = integer(SLOT_MINUTES..=most)(value, faults)?;
        if minutes % SLOT_MINUTES != 0 {
            faults.value_error(format!("{minutes} is not a multiple of {SLOT_MINUTES}"));
            return None;
        }
        Some(minutes)
    }
}

fn name(value: Value, faults: &mut Faults) -> Option<String> {
    sentence(1..=320, false)(value, faults)
}

fn buffer(fields: &mut Object<'_>) -> Option<BufferMinutes> {
    let most = WindowOptions::MAX_MINUTES;
    let before = fields.optional("before", integer(0..=most));
    let after = fields.optional("after", integer(0..=most));
    Some(BufferMinutes { before: before?.unwrap_or_default(), after: after?.unwrap_or_default() })
}

fn quorum(value: Value, faults: &mut Faults) -> Option<Quorum> {
    object(|fields| {
        let members = fields.required("members", |value, faults| {
            let members = list(WindowOptions::MAX_NAMES, name)(value, faults)?;
            if members.is_empty() {
                faults.note("too_short", "A group needs at least one member");
                return None;
            }
            Some(members)
        });
        let required = fields.required("required", integer(1..=u32::MAX));
        let (members, required) = members.zip(required)?;
        let distinct = members.iter().collect::<BTreeSet<_>>().len();
        if usize::try_from(required).is_ok_and(|required| required > distinct) {
            let msg = format!("The group has only {distinct} members; {required} of them cannot come");
            fields.faults().at("required", |faults| faults.value_error(msg));
            return None;
        }
        Some(Quorum { members, required })
    })(value, faults)
}
