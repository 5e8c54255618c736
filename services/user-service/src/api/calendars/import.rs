use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body};
use wire::{CalendarEntry, Fault, ImportedCalendar, Query, Timestamp};

use super::{CalendarPath, CalendarState};
use crate::{
    api::people::unknown,
    calendars::{self, Owner},
    db::{Imported, People},
    directory::DirectoryError,
    key::Key,
};

/// Takes when a person is busy from a calendar, instead of what the calendar of that name said before. What is transparent,
/// cancelled or declined does not make anybody busy. Only when somebody is busy is kept, and for the past month and the
/// next two years.
#[utoipa::path(put, path = "/users/{email}/calendars/{name}", operation_id = "import_calendar", params(
    ("email" = String, Path, description = "In any case"),
    ("name" = String, Path, description = "The calendar's name, up to 100 characters"),
    ("unanswered" = Option<String>, Query, description = "`busy` (without it) or `free`: invitations that the person has not answered"),
), request_body(content = String, content_type = "text/calendar", description = "iCalendar (RFC 5545), up to 10 MiB"),
responses(
    (status = 200, description = "What was taken, and what could not be read", body = ImportedCalendar),
    (status = 400, description = "The body is no calendar, or the name none of one"),
    (status = 404, description = "There is no such person"),
    (status = 409, description = "The person has as many calendars as they may"),
    (status = 413, description = "The calendar is too large"),
    (status = 415, description = "The body is something else than text/calendar in UTF-8"),
    (status = 503, description = "The database is unavailable, or too many calendars are read just now"),
))]
pub(super) async fn import(
    State(state): State<CalendarState>,
    path: CalendarPath,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Json<ImportedCalendar>, ApiError> {
    let unanswered_is_busy = unanswered_is_busy(query.as_deref())?;
    let key = Key::of(&path.address).ok_or_else(unknown)?;
    let (people, now) = (state.directory.people(), Instant::now());
    let found = people.schedules(std::slice::from_ref(&key), now, now).await.map_err(DirectoryError::from)?;
    let zone = found.get(&key).ok_or_else(unknown)?.schedule.time_zone.clone();
    let owner = Owner { key: key.clone(), zone, unanswered_is_busy };
    let read = state.pool.run(move || calendars::read(&body.0, &owner, calendars::window(now))).await?;
    let read = read.map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    let entry = CalendarEntry {
        name: path.name,
        events: read.events,
        busy: read.busy.len() as u64,
        imported_at: Timestamp::now(),
    };
    match people.import(&key, &entry, &read.busy).await.map_err(DirectoryError::from)? {
        Imported::Stored => Ok(Json(ImportedCalendar {
            name: entry.name,
            events: entry.events,
            busy: entry.busy,
            problems: read.problems,
        })),
        Imported::UnknownPerson => Err(unknown()),
        Imported::TooMany => {
            let msg = format!("A person has at most {} calendars; delete one first", People::MAX_CALENDARS);
            Err(ApiError::http(StatusCode::CONFLICT, msg))
        }
    }
}

fn unanswered_is_busy(query: Option<&str>) -> Result<bool, ApiError> {
    let mut query = Query::parse(query);
    let unanswered = query.optional("unanswered");
    let is_busy = match unanswered.as_deref() {
        None | Some("busy") => Some(true),
        Some("free") => Some(false),
        Some(_) => {
            query.fault("unanswered", "value_error", "Use busy or free");
            None
        }
    };
    query.finish(is_busy).map_err(ApiError::bad_request)
}
