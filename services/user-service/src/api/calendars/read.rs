use axum::{
    Json,
    extract::{RawQuery, State},
};
use domain::Zone;
use service_kit::{ApiError, Body};
use wire::{
    CalendarBusy, Fault, Query, Range,
    schema::{InstantText, ZoneName},
};

use super::CalendarStores;
use crate::{api::asked_time::AskedTime, calendars::busy_times};

/// Tells when a calendar makes its owner busy, and keeps nothing of it: for somebody who answers a poll and is no stored
/// person. What is transparent or cancelled does not make anybody busy.
#[utoipa::path(post, path = "/calendars/read", operation_id = "read_calendar", params(
    ("from" = inline(InstantText), Query, description = "Start of the time that is asked about"),
    ("to" = inline(InstantText), Query, description = "Its end, at most 12 weeks later"),
    ("time_zone" = inline(ZoneName), Query, description = "The zone of times that name none"),
), request_body(content = String, content_type = "text/calendar", description = "iCalendar (RFC 5545), up to 10 MiB"),
responses(
    (status = 200, description = "When its owner is busy, and what could not be read", body = CalendarBusy),
    (status = 400, description = "The body is no calendar, or a parameter is missing or wrong"),
    (status = 413, description = "The calendar is too large"),
    (status = 415, description = "The body is something else than text/calendar in UTF-8"),
    (status = 503, description = "Too many calendars are read just now"),
))]
pub(super) async fn read(
    State(state): State<CalendarStores>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Json<CalendarBusy>, ApiError> {
    let (within, zone) = asked(query.as_deref())?;
    let read = state.pool.run(move || busy_times(&body.0, zone, within)).await?;
    let read = read.map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    Ok(Json(CalendarBusy { events: read.events, busy: read.busy, problems: read.problems }))
}

fn asked(query: Option<&str>) -> Result<(Range, Zone), ApiError> {
    let mut query = Query::parse(query);
    let within = AskedTime::read(&mut query).map(|asked| Range { start: asked.from, end: asked.to });
    let zone = query.required_as("time_zone");
    query.finish(within.zip(zone)).map_err(ApiError::bad_request)
}
