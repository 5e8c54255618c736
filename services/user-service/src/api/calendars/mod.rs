//! Calendars: of people, `/users/{email}/calendars`, and of nobody, `/calendars/read`.

mod fetches;
mod import;
mod list;
mod put;
mod read;
mod remove;
mod subscribe;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::routing::{self, get, post};
use calendar_fetch::EgressPolicy;
use service_kit::{ApiError, ComputePool, RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Fault;

use crate::directory::Directory;

/// Largest calendar, in bytes.
pub(crate) const CALENDAR_LIMIT: usize = 10 * 1024 * 1024;
/// Most characters of a calendar's name.
pub(crate) const MAX_NAME: usize = 100;

/// What the operations on calendars need.
#[derive(Clone)]
struct CalendarStores {
    directory: Directory,
    /// Calendars are read beside the threads that serve.
    pool: ComputePool,
    /// From where calendars may be fetched.
    egress: EgressPolicy,
}

/// All operations on calendars.
pub(crate) fn routes(
    args: &ServeArgs,
    directory: Directory,
    pool: ComputePool,
    egress: EgressPolicy,
) -> Routes {
    let state = CalendarStores { directory, pool, egress };
    let usual = RouteSettings::new(args);
    let of_files = RouteSettings { body_limit: CALENDAR_LIMIT, content_types: &["text/calendar"], ..usual };
    let of_both = RouteSettings { content_types: &["text/calendar", "application/json"], ..of_files };
    let reading = OpenApiRouter::new().routes(routes!(read::read)).with_state(state.clone());
    let putting = OpenApiRouter::new().routes(routes!(put::put)).with_state(state.clone());
    let fetched = OpenApiRouter::new()
        .route("/calendar-subscriptions/{id}/content", routing::put(fetches::content))
        .with_state(state.clone());
    let internal = OpenApiRouter::new()
        .route("/calendar-subscriptions/{id}", get(fetches::subscription))
        .route("/calendar-subscriptions/{id}/outcome", post(fetches::outcome))
        .with_state(state.clone());
    let others =
        OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(remove::remove)).with_state(state);
    Routes::from(others)
        .with(of_files, reading)
        .with(of_both, putting)
        .internal(of_files, fetched)
        .internal(usual, internal)
}

/// The person and the calendar in the path.
struct CalendarPath {
    address: String,
    name: String,
}

impl<S: Send + Sync> FromRequestParts<S> for CalendarPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<CalendarPath, ApiError> {
        let fault =
            |msg: String| ApiError::bad_request(vec![Fault::new(["path", "name"], "value_error", msg)]);
        let Path((address, name)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| fault("The path is not UTF-8 text".to_owned()).because(rejection))?;
        let is_valid = !name.trim().is_empty()
            && name.chars().count() <= MAX_NAME
            && !name.chars().any(char::is_control);
        if !is_valid {
            let msg =
                format!("A calendar's name has 1 to {MAX_NAME} characters, none of them a control character");
            return Err(fault(msg));
        }
        Ok(CalendarPath { address, name })
    }
}
