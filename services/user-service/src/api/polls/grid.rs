use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{Grid, Layout, Zone};
use jiff::{Timestamp as Instant, ToSpan, civil::Date};
use service_kit::ApiError;
use wire::{
    Fault, PollDays, PollGrid, Query,
    schema::{DateText, ZoneName},
};

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::at_version,
};
use crate::polls::StoredPoll;

/// A poll laid out on the clocks of a zone: columns, rows, cells, and what clock changes do to them. A weekly poll is laid
/// out for one week.
#[utoipa::path(get, path = "/polls/{id}/grid", operation_id = "poll_grid", params(
    ("id" = String, Path, description = "The poll"),
    ("time_zone" = inline(Option<ZoneName>), Query, description = "The zone; the poll's own without it"),
    ("week" = inline(Option<DateText>), Query, description = "A date of the week for which a weekly poll is laid out; today without it"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's or a participant's token"),
), responses(
    (status = 200, description = "The grid", body = PollGrid, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "A parameter is wrong"),
    (status = 401, description = "The token is none of this poll"),
    (status = 404, description = "There is no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn poll_grid(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (zone, week) = asked(query.as_deref())?;
    let (poll, _) = stores.polls.find(&id, bearer.hash()).await?;
    let zone = zone.unwrap_or_else(|| poll.content.layout.time_zone.clone());
    let layout = layout(&poll, week)?;
    let grid = PollGrid::new(Grid::new(&layout, &zone), layout.range(), zone, poll.version);
    Ok(at_version(StatusCode::OK, poll.version, grid))
}

fn asked(query: Option<&str>) -> Result<(Option<Zone>, Option<Date>), ApiError> {
    let mut query = Query::parse(query);
    let zone = query.optional_as("time_zone");
    let week = query.optional_as("week");
    query.finish(Some((zone, week))).map_err(ApiError::bad_request)
}

fn layout(poll: &StoredPoll, week: Option<Date>) -> Result<Layout, ApiError> {
    let layout = &poll.content.layout;
    let times = layout.times().map_err(|_| ApiError::not_found("The poll has no times"))?;
    let day = week.unwrap_or_else(|| times.zone().local(Instant::now()).date());
    let monday = day.checked_sub(day.weekday().to_monday_zero_offset().days()).unwrap_or(day);
    Layout::new(&times, &times.dates(monday, 1)).map_err(|error| match layout.days {
        PollDays::Dates { .. } => ApiError::internal(error),
        // The week is beyond what can be told, or clocks skip all times of the poll in it.
        PollDays::Weekly { .. } => {
            ApiError::bad_request(vec![Fault::new(["query", "week"], "value_error", error.to_string())])
        }
    })
}
