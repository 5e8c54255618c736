use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::SlotRange;
use jiff::Timestamp as Instant;
use service_kit::ApiError;
use wire::{FreeBusy, Query, schema::InstantText};

use super::{read::found, vfreebusy};
use crate::{
    api::{asked_time::AskedTime, calendar_reply::calendar, people::Address},
    directory::Directory,
    schedules,
};

/// When a person is busy and when they are free, and never why. With `Accept: text/calendar` it is a VFREEBUSY.
#[utoipa::path(get, path = "/users/{email}/freebusy", operation_id = "free_busy", params(
    ("email" = String, Path, description = "In any case"),
    ("from" = inline(InstantText), Query, description = "Start of the time that is asked about"),
    ("to" = inline(InstantText), Query, description = "Its end, at most 12 weeks later"),
), responses(
    (status = 200, description = "Busy and free times", content(
        (FreeBusy = "application/json"), (String = "text/calendar"))),
    (status = 400, description = "A parameter is missing or wrong"),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn free_busy(
    State(directory): State<Directory>,
    address: Address,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let AskedTime { from, to, slots } = asked(query.as_deref())?;
    let person = found(&directory, &address, from, to).await?;
    let times = schedules::free_busy(&person.schedule, &person.busy, slots).map_err(ApiError::internal)?;
    let reply = if wants_calendar(&headers) {
        let text = vfreebusy::text(&times, from, to, Instant::now());
        calendar(text)
    } else {
        Json(&times).into_response()
    };
    Ok(([(header::VARY, "Accept")], reply).into_response())
}

/// When a person is busy in a time as a VFREEBUSY.
pub(in crate::api) async fn free_busy_text(
    directory: &Directory,
    address: &Address,
    from: Instant,
    to: Instant,
) -> Result<String, ApiError> {
    let slots = SlotRange::covering(from, to).map_err(ApiError::internal)?;
    let person = found(directory, address, from, to).await?;
    let times = schedules::free_busy(&person.schedule, &person.busy, slots).map_err(ApiError::internal)?;
    Ok(vfreebusy::text(&times, from, to, Instant::now()))
}

fn asked(query: Option<&str>) -> Result<AskedTime, ApiError> {
    let mut query = Query::parse(query);
    let asked = AskedTime::read(&mut query);
    query.finish(asked).map_err(ApiError::bad_request)
}

/// Whether a calendar is named in `Accept`, and JSON is not preferred by standing before it.
fn wants_calendar(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let kinds = accepted.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds
        .map(str::to_ascii_lowercase)
        .find(|kind| kind == "application/json" || kind == "text/calendar")
        .is_some_and(|kind| kind == "text/calendar")
}
