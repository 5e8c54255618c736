//! How worker-service fetches subscribed calendars, at `/calendar-subscriptions/{id}`. Each time has a number; what comes of
//! it is noted once, however often it is told.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::StatusCode,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body};
use sha2::{Digest, Sha256};
use wire::{FetchNoted, FetchOutcome, Query, SubscribedCalendar, Timestamp};

use super::{CalendarState, import::read_for};
use crate::{
    db::{FetchedCalendar, Noted, StoredSubscription},
    directory::DirectoryError,
    polls::PublicId,
};

/// Busy times are known for two years from when a content came in; older content is read again though it is the same.
const LONGEST_KNOWN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Tells what to fetch.
pub(super) async fn subscription(
    State(state): State<CalendarState>,
    Path(id): Path<String>,
) -> Result<Json<SubscribedCalendar>, ApiError> {
    let (_, stored) = found(&state, &id).await?;
    let etag = stored.etag.clone().filter(|_| is_known_well(&stored));
    Ok(Json(SubscribedCalendar { url: stored.url, etag, turn: turn_on_the_wire(stored.turn) }))
}

/// Takes the content that was fetched at a time.
pub(super) async fn content(
    State(state): State<CalendarState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Json<FetchNoted>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let (turn, etag) = (query.required("turn"), query.optional("etag"));
    let turn = turn.and_then(|text| match text.parse::<u32>() {
        Ok(turn) => Some(i64::from(turn)),
        Err(error) => {
            query.fault("turn", "value_error", error.to_string());
            None
        }
    });
    let turn = query.finish(turn).map_err(ApiError::bad_request)?;
    let (id, stored) = found(&state, &id).await?;
    if stored.turn != turn {
        return Err(passed());
    }
    let content_hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&body));
    let is_same = stored.content_hash.as_ref() == Some(&content_hash);
    let fetched = if is_same && is_known_well(&stored) {
        FetchedCalendar::Same { etag }
    } else {
        let read = read_for(&state, &stored.owner, stored.unanswered_is_busy, body).await?;
        match read.ok_or_else(gone)? {
            Ok(read) => FetchedCalendar::Content { etag, content_hash, events: read.events, busy: read.busy },
            Err(error) => FetchedCalendar::Failed { error: error.to_string() },
        }
    };
    note(&state, &id, turn, &fetched).await
}

/// Takes that nothing has changed at a time, or why it failed.
pub(super) async fn outcome(
    State(state): State<CalendarState>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<FetchNoted>, ApiError> {
    let FetchOutcome { turn, error } = FetchOutcome::parse(&body).map_err(ApiError::bad_request)?;
    let (id, stored) = found(&state, &id).await?;
    let fetched = match error {
        Some(error) => FetchedCalendar::Failed { error },
        None => FetchedCalendar::Same { etag: stored.etag },
    };
    note(&state, &id, i64::from(turn), &fetched).await
}

async fn note(
    state: &CalendarState,
    id: &PublicId,
    turn: i64,
    fetched: &FetchedCalendar,
) -> Result<Json<FetchNoted>, ApiError> {
    let people = state.directory.people();
    let noted = people.note_fetched(id, turn, fetched, Timestamp::now(), rand::random()).await;
    match noted.map_err(DirectoryError::from)? {
        Noted::As(state) => Ok(Json(FetchNoted { state })),
        Noted::Before => Err(passed()),
        Noted::Gone => Err(gone()),
    }
}

async fn found(state: &CalendarState, id: &str) -> Result<(PublicId, StoredSubscription), ApiError> {
    let id = PublicId::parse(id).ok_or_else(gone)?;
    let stored = state.directory.people().subscription(&id).await.map_err(DirectoryError::from)?;
    Ok((id, stored.ok_or_else(gone)?))
}

fn is_known_well(stored: &StoredSubscription) -> bool {
    let age = Instant::now().duration_since(stored.imported_at);
    stored.content_hash.is_some() && age.unsigned_abs() < LONGEST_KNOWN
}

/// Times are an hour apart, so that there are never so many.
fn turn_on_the_wire(turn: i64) -> u32 {
    u32::try_from(turn).unwrap_or(u32::MAX)
}

fn gone() -> ApiError {
    ApiError::not_found("There is no such subscription")
}

fn passed() -> ApiError {
    ApiError::http(StatusCode::CONFLICT, "What came of this time is known, or another has begun since")
}
