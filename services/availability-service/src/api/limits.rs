use axum::Json;
use serde::Serialize;
use service_kit::Routes;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Attendees, HeatMap, SchedulesRequest, WindowOptions};

/// The limits of the service. What is beyond one is refused with its name and value, and never cut.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// People of whom the shared week is asked for.
    group_people: usize,
    /// People of one `POST /freebusy`.
    freebusy_people: usize,
    /// Weeks from `from` to `to`.
    horizon_weeks: usize,
    /// Minutes of an interval.
    interval_minutes: u32,
    /// Participants up to whom a heat map tells of each.
    heat_map_people: usize,
    /// Bytes of a body.
    body_bytes: usize,
}

/// Every limit of the service.
#[utoipa::path(get, path = "/limits", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits() -> Json<Limits> {
    Json(Limits {
        group_people: Attendees::MAX,
        freebusy_people: SchedulesRequest::MAX_PEOPLE,
        horizon_weeks: 12,
        interval_minutes: WindowOptions::MAX_MINUTES,
        heat_map_people: HeatMap::MAX_PEOPLE,
        body_bytes: super::people::BODY_LIMIT,
    })
}

pub(super) fn routes() -> Routes {
    Routes::from(OpenApiRouter::new().routes(routes!(limits)))
}
