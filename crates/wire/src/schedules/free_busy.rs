use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LevelRange, Range};
use crate::{CalendarErrorCode, CalendarState, Timestamp};

/// The reply of `GET /users/{email}/freebusy`. It never says why somebody is busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreeBusy {
    /// When the person is busy, sorted and merged, in whole quarters of an hour that it touches.
    pub busy: Vec<Range>,
    /// When the person is free by their schedule and not busy, sorted.
    pub free: Vec<LevelRange>,
}

/// The reply of `PUT /users/{email}/calendars/{name}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedCalendar {
    /// The calendar's name, as in the path.
    pub name: String,
    /// How many events there are in it.
    pub events: u64,
    /// How many busy times followed from them, merged.
    pub busy: u64,
    /// What could not be read, by event; the rest was taken.
    pub problems: Vec<CalendarProblem>,
}

/// The reply of `POST /calendars/read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarBusy {
    /// How many events the calendar has.
    pub events: u64,
    /// When its owner is busy, sorted and merged.
    pub busy: Vec<Range>,
    /// What could not be read, by event; the rest was taken.
    pub problems: Vec<CalendarProblem>,
}

/// Why an event, or a part of it, was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarProblem {
    /// The event's UID; `null` where it has none, or the problem is none of a single event.
    pub uid: Option<String>,
    /// What is the matter.
    pub msg: String,
}

/// The reply of `GET /users/{email}/calendars`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Calendars {
    /// The calendars by name.
    pub calendars: Vec<CalendarEntry>,
}

/// One calendar of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarEntry {
    /// Its name.
    pub name: String,
    /// How many events there were in it.
    pub events: u64,
    /// How many busy times followed from them, merged.
    pub busy: u64,
    /// When what is known of it came in; for one that was never fetched, when it was subscribed to.
    pub imported_at: Timestamp,
    /// Whether it was sent or is fetched, and how that goes.
    pub state: CalendarState,
    /// When it was last fetched and read, or had not changed; `null` where that never was.
    #[schema(required = true)]
    pub fetched_at: Option<Timestamp>,
    /// Why it could not be fetched when it was last tried; `null` where it could.
    #[schema(required = true)]
    pub last_error: Option<String>,
    /// The same for programs; `null` also where it is not known by a code.
    #[schema(required = true)]
    pub last_error_code: Option<CalendarErrorCode>,
}
