use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use service_kit::{ApiError, Body, RequestContext};
use utoipa::ToSchema;
use wire::{CalendarEntry, ImportedCalendar, Query};

use super::{CalendarPath, CalendarStores, import::import, subscribe::subscribe};
use crate::{api::people::unknown, db::People, key::Key};

/// A calendar that is to be fetched from where it is.
#[derive(ToSchema)]
#[schema(as = NewSubscription)]
#[expect(dead_code, reason = "only OpenAPI looks at it")]
struct SubscriptionBody {
    /// Its `https` or `webcal` URL. It is kept as a secret and never shown.
    #[schema(max_length = 2048)]
    url: String,
}

/// Takes when a person is busy from a calendar, instead of what the calendar of that name said before. What is transparent,
/// cancelled or declined does not make anybody busy. Only when somebody is busy is kept, and for the past month and the
/// next two years.
///
/// As `text/calendar` it is read at once. As JSON it is subscribed to: fetched from its URL soon, and then every hour.
#[utoipa::path(put, path = "/users/{email}/calendars/{name}", operation_id = "import_calendar", params(
    ("email" = String, Path, description = "In any case"),
    ("name" = String, Path, description = "The calendar's name, up to 100 characters"),
    ("unanswered" = Option<String>, Query, description = "`busy` (without it) or `free`: invitations that the person has not answered"),
), request_body(description = "iCalendar (RFC 5545), up to 10 MiB, or where it is", content(
    (String = "text/calendar"), (SubscriptionBody = "application/json"))),
responses(
    (status = 200, description = "What was taken, and what could not be read", body = ImportedCalendar),
    (status = 202, description = "The calendar is fetched soon; one from the same URL as before keeps what is known of it", body = CalendarEntry),
    (status = 400, description = "The body is no calendar, the name none of one, or the URL one that is not asked"),
    (status = 404, description = "There is no such person"),
    (status = 409, description = "The person has as many calendars as they may"),
    (status = 413, description = "The calendar is too large"),
    (status = 415, description = "The body is something else than text/calendar or JSON in UTF-8"),
    (status = 503, description = "The database is unavailable, or too many calendars are read just now"),
))]
pub(super) async fn put(
    State(state): State<CalendarStores>,
    path: CalendarPath,
    context: RequestContext,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let unanswered_is_busy = unanswered_is_busy(query.as_deref())?;
    let key = Key::of(&path.address).ok_or_else(unknown)?;
    if is_json(&headers) {
        subscribe(&state, key, path.name, unanswered_is_busy, &body, context.case_id()).await
    } else {
        import(&state, key, path.name, unanswered_is_busy, body, context.case_id()).await
    }
}

/// Which of the types that the route takes it is; the route has refused all others.
fn is_json(headers: &HeaderMap) -> bool {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|stated| stated.to_str().ok());
    stated.is_some_and(|stated| stated.trim().to_ascii_lowercase().starts_with("application/json"))
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

pub(super) fn too_many() -> ApiError {
    let msg = format!("A person has at most {} calendars; delete one first", People::MAX_CALENDARS);
    ApiError::http(StatusCode::CONFLICT, msg)
}
