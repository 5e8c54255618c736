//! How worker-service fetches subscribed calendars, at `/calendar-subscriptions/{id}`. Each fetch has a number; what comes
//! of it is noted once, however often it is told.

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
use wire::{CalendarErrorCode, FetchOutcome, FetchOutcomeReply, Query, SubscribedCalendar, Timestamp};

use super::{CalendarStores, import::read_for};
use crate::{
    db::{FetchedCalendar, Noted, StoredSubscription},
    directory::DirectoryError,
    polls::PublicId,
};

/// Busy times are known for two years from when a content came in; older content is read again though it is the same.
const LONGEST_KNOWN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Tells what to fetch.
pub(super) async fn subscription(
    State(state): State<CalendarStores>,
    Path(id): Path<String>,
) -> Result<Json<SubscribedCalendar>, ApiError> {
    let (_, stored) = found(&state, &id).await?;
    let etag = stored.etag.clone().filter(|_| is_known_well(&stored));
    Ok(Json(SubscribedCalendar {
        url: stored.url,
        etag,
        fetch_number: number_on_the_wire(stored.fetch_number),
    }))
}

/// Takes the content that was fetched.
pub(super) async fn content(
    State(state): State<CalendarStores>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Json<FetchOutcomeReply>, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let (fetch_number, etag) = (query.required("turn"), query.optional("etag"));
    let fetch_number = fetch_number.and_then(|text| match text.parse::<u32>() {
        Ok(fetch_number) => Some(i64::from(fetch_number)),
        Err(error) => {
            query.fault("turn", "value_error", error.to_string());
            None
        }
    });
    let fetch_number = query.finish(fetch_number).map_err(ApiError::bad_request)?;
    let (id, stored) = found(&state, &id).await?;
    if stored.fetch_number != fetch_number {
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
            Err(error) => FetchedCalendar::Failed {
                error: error.to_string(),
                code: Some(CalendarErrorCode::NoCalendar),
            },
        }
    };
    note(&state, &id, fetch_number, &fetched).await
}

/// Takes that nothing has changed, or why a fetch failed.
pub(super) async fn outcome(
    State(state): State<CalendarStores>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<FetchOutcomeReply>, ApiError> {
    let FetchOutcome { fetch_number, error, error_code } =
        FetchOutcome::parse(&body).map_err(ApiError::bad_request)?;
    let (id, stored) = found(&state, &id).await?;
    let fetched = match error {
        Some(error) => FetchedCalendar::Failed { error, code: error_code },
        None => FetchedCalendar::Same { etag: stored.etag },
    };
    note(&state, &id, i64::from(fetch_number), &fetched).await
}

async fn note(
    state: &CalendarStores,
    id: &PublicId,
    fetch_number: i64,
    fetched: &FetchedCalendar,
) -> Result<Json<FetchOutcomeReply>, ApiError> {
    let people = state.directory.people();
    let noted = people.note_fetched(id, fetch_number, fetched, Timestamp::now(), rand::random()).await;
    match noted.map_err(DirectoryError::from)? {
        Noted::As(state) => Ok(Json(FetchOutcomeReply { state })),
        Noted::Before => Err(passed()),
        Noted::Gone => Err(gone()),
    }
}

async fn found(state: &CalendarStores, id: &str) -> Result<(PublicId, StoredSubscription), ApiError> {
    let id = PublicId::parse(id).ok_or_else(gone)?;
    let stored = state.directory.people().subscription(&id).await.map_err(DirectoryError::from)?;
    Ok((id, stored.ok_or_else(gone)?))
}

fn is_known_well(stored: &StoredSubscription) -> bool {
    let age = Instant::now().duration_since(stored.imported_at);
    stored.content_hash.is_some() && age.unsigned_abs() < LONGEST_KNOWN
}

/// Fetches are an hour apart, so that there are never so many.
fn number_on_the_wire(fetch_number: i64) -> u32 {
    u32::try_from(fetch_number).unwrap_or(u32::MAX)
}

fn gone() -> ApiError {
    ApiError::not_found("There is no such subscription")
}

fn passed() -> ApiError {
    ApiError::http(StatusCode::CONFLICT, "What came of this fetch is known, or another has begun since")
}
