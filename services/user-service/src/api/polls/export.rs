use axum::{
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Level, Zone};
use serde_json::Value;
use service_kit::ApiError;
use wire::{AsText, Fault, PollExport, Query};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser},
    reply::{at_version, marked},
};
use crate::polls::{StoredParticipant, StoredPoll, StoredTimes, layout_of};

/// All answers as JSON, with times in the given zone.
#[utoipa::path(get, path = "/polls/{id}/export.json", operation_id = "export_poll_json", params(
    ("id" = String, Path, description = "The poll"),
    ("time_zone" = Option<String>, Query, description = "The zone of the times; the poll's own without it"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
), responses(
    (status = 200, description = "The answers as a table", body = PollExport),
    (status = 400, description = "There is no such zone"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn export_json(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (poll, zone, participants) = exported(&stores, &id, &bearer, query.as_deref()).await?;
    let table = table(&poll, &zone, &participants)?;
    let export = PollExport {
        version: poll.version,
        title: poll.content.title.clone(),
        time_zone: zone,
        columns: table.columns,
        rows: table.rows,
    };
    Ok(at_version(StatusCode::OK, poll.version, export))
}

/// All answers as a table, with times in the given zone.
#[utoipa::path(get, path = "/polls/{id}/export.csv", operation_id = "export_poll_csv", params(
    ("id" = String, Path, description = "The poll"),
    ("time_zone" = Option<String>, Query, description = "The zone of the times; the poll's own without it"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
), responses(
    (status = 200, description = "A row for each participant", content_type = "text/csv", body = String),
    (status = 400, description = "There is no such zone"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn export_csv(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (poll, zone, participants) = exported(&stores, &id, &bearer, query.as_deref()).await?;
    let table = table(&poll, &zone, &participants)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns).map_err(ApiError::internal)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| inert(cell))).map_err(ApiError::internal)?;
    }
    let text = writer.into_inner().map_err(|error| ApiError::internal(error.into_error()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"poll.csv\""),
    ];
    Ok(marked(poll.version, (headers, text).into_response()))
}

/// A cell that no program for tables takes for a formula.
fn inert(cell: &str) -> String {
    let prefix = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{prefix}{cell}")
}

/// Reads everything, for the organiser alone.
async fn exported(
    stores: &PollStores,
    id: &crate::polls::PublicId,
    bearer: &Bearer,
    query: Option<&str>,
) -> Result<(StoredPoll, Zone, Vec<StoredParticipant>), ApiError> {
    let mut query = Query::parse(query);
    let zone = query.optional("time_zone");
    let zone = query.finish(Some(zone)).map_err(ApiError::bad_request)?;
    let zone = zone
        .map(|name| Zone::from_text(&name))
        .transpose()
        .map_err(|msg| ApiError::bad_request(vec![Fault::new(["query", "time_zone"], "value_error", msg)]))?;
    let (poll, role) = stores.polls.find(id, bearer.hash()).await?;
    require_organiser(&role)?;
    let participants = stores.polls.participants(&poll, None).await?.ok_or_else(ApiError::overloaded)?;
    let zone = zone.unwrap_or_else(|| poll.content.layout.time_zone.clone());
    Ok((poll, zone, participants))
}

struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// For a poll over dates a column for each cell; for a weekly one the rules in one column.
fn table(poll: &StoredPoll, zone: &Zone, participants: &[StoredParticipant]) -> Result<Table, ApiError> {
    let layout = layout_of(&poll.content.layout).map_err(ApiError::internal)?;
    let is_weekly = matches!(poll.content.layout.days, wire::PollDays::Weekly { .. });
    let mut columns = ["name", "time_zone", "required", "answered"].map(str::to_owned).to_vec();
    if is_weekly {
        columns.push("weekly".to_owned());
    } else {
        let start = |cell: &domain::Cell| {
            let local = layout.range().instant(cell.slots.start).to_zoned(zone.rules().clone());
            local.strftime("%Y-%m-%dT%H:%M%:z").to_string()
        };
        columns.extend(layout.cells().iter().map(start));
    }
    let row = |participant: &StoredParticipant| {
        let shown = participant.shown();
        let mut row = vec![shown.name, shown.time_zone.name().to_owned()];
        row.extend([shown.required, shown.answered].map(|flag| flag.to_string()));
        match participant.answer.as_ref().map(|answer| &answer.times) {
            None => row.resize(columns.len(), String::new()),
            Some(StoredTimes::Weekly(rules)) => {
                row.push(serde_json::to_value(rules).unwrap_or(Value::Null).to_string());
            }
            Some(times) => match times.answer(&layout) {
                None => row.resize(columns.len(), String::new()),
                Some(answer) => row.extend(layout.cells().iter().map(|cell| {
                    let level = worst(&answer.levels, cell);
                    match (level, answer.asked.contains_all(cell.slots.clone())) {
                        (Some(level), _) => level.name().to_owned(),
                        (None, true) => "no".to_owned(),
                        (None, false) => String::new(),
                    }
                })),
            },
        }
        row
    };
    let rows = participants.iter().map(row).collect();
    Ok(Table { columns, rows })
}

/// The level throughout a cell.
fn worst(levels: &domain::Levels, cell: &domain::Cell) -> Option<Level> {
    // `None`, a no, is less than every level.
    cell.slots.clone().map(|slot| levels.at(slot)).min().flatten()
}
