use axum::Json;
use serde::Serialize;
use service_kit::Routes;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AnswerInput, Attendees, FindTimes, PollLayout, Schedule, WindowOptions, Windows};

/// The limits of the service. What is beyond one is refused with its name and value, and never cut.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// People for whom an hour of the shared week is asked for.
    group_people: usize,
    /// People of one `POST /find-times`.
    find_times_people: usize,
    /// Weeks from `from` to `to`.
    horizon_weeks: u32,
    /// Minutes of a meeting.
    duration_minutes: u32,
    /// Minutes of an interval, and before and after a meeting.
    interval_minutes: u32,
    /// Names in `required`, and members of a group.
    names: usize,
    /// Groups.
    groups: usize,
    /// Windows of an answer.
    windows: u32,
    /// People up to whom an answer tells of each.
    windows_people: usize,
    /// Weeks of a weekly poll.
    weeks: u32,
    /// Ranges of somebody whose times come with the question.
    given_ranges: usize,
    /// Rules of somebody whose times come with the question.
    given_rules: usize,
    /// Bytes of a body.
    body_bytes: usize,
}

/// Every limit of the service.
#[utoipa::path(get, path = "/limits", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits() -> Json<Limits> {
    Json(Limits {
        group_people: Attendees::MAX,
        find_times_people: FindTimes::MAX_PEOPLE,
        horizon_weeks: WindowOptions::MAX_WEEKS,
        duration_minutes: PollLayout::MAX_DURATION,
        interval_minutes: WindowOptions::MAX_MINUTES,
        names: WindowOptions::MAX_NAMES,
        groups: WindowOptions::MAX_GROUPS,
        windows: WindowOptions::MAX_WINDOWS,
        windows_people: Windows::MAX_PEOPLE,
        weeks: WindowOptions::MAX_WEEKS,
        given_ranges: AnswerInput::MAX_RANGES,
        given_rules: Schedule::MAX_RULES,
        body_bytes: super::BODY_LIMIT,
    })
}

pub(super) fn routes() -> Routes {
    Routes::from(OpenApiRouter::new().routes(routes!(limits)))
}
