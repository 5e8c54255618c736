use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use jiff::Timestamp as Instant;
use service_kit::ApiError;

use super::{FeedState, authorized};
use crate::api::{calendar_reply::calendar, people::Address, schedules::free_busy_text};

const TWELVE_WEEKS: Duration = Duration::from_secs(12 * 7 * 24 * 60 * 60);

/// When a person is busy in the next 12 weeks, and never why.
#[utoipa::path(get, path = "/users/{email}/freebusy.ics", operation_id = "feed_of_busy_times", params(
    ("email" = String, Path, description = "In any case"),
    ("token" = String, Query, pattern = "^[A-Za-z0-9_-]{43}$", description = "The feed's token"),
), responses(
    (status = 200, description = "A VFREEBUSY (RFC 5545)", content_type = "text/calendar", body = String),
    (status = 400, description = "The token was given twice"),
    (status = 401, description = "The token is missing or wrong"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn free_busy(
    State(state): State<FeedState>,
    address: Address,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    authorized(&state, &address, query.as_deref()).await?;
    let now = Instant::now();
    let text = free_busy_text(&state.directory, &address, now, now + TWELVE_WEEKS).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], calendar(text)).into_response())
}
