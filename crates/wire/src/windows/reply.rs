use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EmptyReason, ReasonEntry, Unlock};
use crate::{
    input::as_text,
    schema::{DateText, InstantText},
};

/// The reply of `POST /polls/{id}/suggestions` and `POST /find-times`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Windows {
    /// The request's Case-ID.
    pub case_id: String,
    /// The poll's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<i64>,
    /// How many starts are possible, overlapping ones counted.
    pub total: u64,
    /// The best of them, the best first.
    pub windows: Vec<WindowEntry>,
    /// Why there is none.
    pub empty_reason: Option<EmptyReason>,
    /// What would give windows, or better ones, the least intrusive first.
    pub unlocks: Vec<Unlock>,
    /// Whether the first window stays the first, whatever those say who have not answered.
    pub settled: bool,
    /// Those whose answer alone can still change the first window; `null` where the caller may not see
    /// who, and where there are more than 500 people.
    pub awaited: Option<Vec<String>>,
    /// For a weekly poll with `rotate` and up to 100 participants: a time for each week that has one, out of the windows to
    /// which as many come as to the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rotation: Option<Vec<RotationEntry>>,
    /// With `rotation`: how many minutes outside working hours each bears over all weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub burdens: Option<Vec<Burden>>,
    /// Of whom nothing is known; the rest is about the others.
    pub errors: Vec<GuestError>,
    /// The version of the time zone data.
    #[schema(example = "2026b")]
    pub tzdb: String,
}

impl Windows {
    /// Most people of whom each is told.
    pub const MAX_PEOPLE: usize = 500;
}

/// A time at which the meeting can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WindowEntry {
    /// When it starts; for a weekly poll, in the first of the weeks in which it holds.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub start: Timestamp,
    /// When it ends.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub end: Timestamp,
    /// How many can come gladly.
    pub yes: u64,
    /// How many can come if it has to be.
    pub if_needed: u64,
    /// How many cannot come.
    pub no: u64,
    /// How many have not answered.
    pub unanswered: u64,
    /// The mean over all: yes 1, if needed 0.75, unanswered 0.5, no 0.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.9)]
    pub confidence: f64,
    /// Everybody; absent where the caller may not see who, and where there are more than 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub people: Option<Vec<PersonAtWindow>>,
    /// Why it is where it is.
    pub reasons: Vec<ReasonEntry>,
    /// For a weekly poll: in how many of the weeks it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub holds: Option<Holds>,
}

/// What a window is for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonAtWindow {
    /// The participant's id, the address, or the id that came with the question.
    pub person: String,
    /// How they are called.
    pub name: Option<String>,
    /// `yes`, `if_needed`, `no` or `unanswered`.
    #[schema(example = "yes")]
    pub status: String,
    /// When it starts on their clocks, with the offset from UTC.
    #[schema(example = "2026-03-09T09:00:00-04:00")]
    pub local_start: String,
    /// How much of it is outside their working hours.
    pub outside_working_hours_minutes: u32,
    /// Whether they come by their answer, which was made from their schedule, and their schedule or a calendar says by now
    /// that they cannot. It changes neither the status nor the order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub in_conflict: bool,
}

/// In how many weeks a weekly window can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holds {
    /// How many weeks were looked at.
    pub of: u32,
    /// In how many it can be.
    #[serde(rename = "in")]
    pub weeks: u32,
    /// The dates on which it cannot be, on the clocks of the question.
    #[serde(with = "as_text::list")]
    #[schema(value_type = Vec<DateText>)]
    pub except: Vec<Date>,
}

/// A time of the rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotationEntry {
    /// The week's Monday.
    #[serde(with = "as_text")]
    #[schema(value_type = DateText)]
    pub week: Date,
    /// When the meeting starts.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub start: Timestamp,
}

/// What one person bears over all weeks of a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Burden {
    /// Who; `null` where the caller may not see it.
    pub person: Option<String>,
    /// Minutes outside their working hours.
    pub minutes: u32,
}

impl GuestError {
    /// Nobody is stored under this address.
    pub fn not_found(person: String) -> GuestError {
        GuestError { person, reason: "not_found".to_owned() }
    }
}

/// Somebody of whom nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuestError {
    /// Who, as they were asked for.
    pub person: String,
    /// Why: `not_found`.
    #[schema(example = "not_found")]
    pub reason: String,
}
