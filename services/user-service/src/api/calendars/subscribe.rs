use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use service_kit::ApiError;
use wire::{CalendarEntry, CaseId, Fault, NewSubscription, Timestamp};

use super::{CalendarStores, put::too_many};
use crate::{
    api::people::unknown,
    db::{Imported, Subscription},
    directory::DirectoryError,
    key::Key,
};

/// Subscribes to a calendar, which worker-service then fetches.
pub(super) async fn subscribe(
    state: &CalendarStores,
    key: Key,
    name: String,
    unanswered_is_busy: bool,
    body: &[u8],
    case_id: &CaseId,
) -> Result<Response, ApiError> {
    let new = NewSubscription::parse(body).map_err(ApiError::bad_request)?;
    let url = state.egress.url(&new.url).map_err(|refusal| {
        ApiError::bad_request(vec![Fault::new(["body", "url"], refusal.code(), refusal.to_string())])
    })?;
    let entry = CalendarEntry {
        name,
        events: 0,
        busy: 0,
        imported_at: Timestamp::now(),
        state: wire::CalendarState::Waiting,
        fetched_at: None,
        last_error: None,
        last_error_code: None,
    };
    let (people, subscription) = (state.directory.people(), Subscription { url, unanswered_is_busy });
    match people.subscribe(&key, &entry, &subscription, case_id).await.map_err(DirectoryError::from)? {
        Imported::Stored => (),
        Imported::UnknownPerson => return Err(unknown()),
        Imported::TooMany => return Err(too_many()),
    }
    // From the same URL as before it may be known already; and it may have been taken away since.
    let calendars = people.calendars(&key).await.map_err(DirectoryError::from)?.unwrap_or_default();
    let known = calendars.into_iter().find(|known| known.name == entry.name);
    Ok((StatusCode::ACCEPTED, Json(known.unwrap_or(entry))).into_response())
}
