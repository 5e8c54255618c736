use axum::{
    Json,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use jiff::Timestamp as Instant;
use service_kit::ApiError;
use wire::{CalendarEntry, CaseId, Fault, ImportedCalendar, Timestamp};

use super::{CalendarStores, put::too_many};
use crate::{
    api::people::unknown,
    calendars::{self, BusyTimes, NotACalendar, Owner},
    db::Imported,
    directory::DirectoryError,
    key::Key,
};

/// Takes when a person is busy from a calendar that was sent.
pub(super) async fn import(
    state: &CalendarStores,
    key: Key,
    name: String,
    unanswered_is_busy: bool,
    body: Bytes,
    case_id: &CaseId,
) -> Result<Response, ApiError> {
    let read = read_for(state, &key, unanswered_is_busy, body).await?.ok_or_else(unknown)?;
    let read = read.map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    let entry = CalendarEntry {
        name,
        events: read.events,
        busy: read.busy.len() as u64,
        imported_at: Timestamp::now(),
        state: wire::CalendarState::Uploaded,
        fetched_at: None,
        last_error: None,
        last_error_code: None,
    };
    let imported = state.directory.people().import(&key, &entry, &read.busy, case_id).await;
    match imported.map_err(DirectoryError::from)? {
        Imported::Stored => Ok(Json(ImportedCalendar {
            name: entry.name,
            events: entry.events,
            busy: entry.busy,
            problems: read.problems,
        })
        .into_response()),
        Imported::UnknownPerson => Err(unknown()),
        Imported::TooMany => Err(too_many()),
    }
}

/// When a person is busy by a calendar; `None` when there is no such person.
pub(super) async fn read_for(
    state: &CalendarStores,
    key: &Key,
    unanswered_is_busy: bool,
    body: Bytes,
) -> Result<Option<Result<BusyTimes, NotACalendar>>, ApiError> {
    let now = Instant::now();
    let found = state.directory.people().schedules(std::slice::from_ref(key), now, now).await;
    let found = found.map_err(DirectoryError::from)?;
    let Some(person) = found.get(key) else { return Ok(None) };
    let owner = Owner { key: key.clone(), zone: person.schedule.time_zone.clone(), unanswered_is_busy };
    let read = state.pool.run(move || calendars::read(&body, &owner, calendars::window(now))).await?;
    Ok(Some(read))
}
