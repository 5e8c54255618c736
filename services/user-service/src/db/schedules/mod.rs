//! Schedules and busy times: a file for each operation.

mod find;
mod replace;
mod versions;

pub(in crate::db) use find::select;
pub(crate) use find::{StoredSchedule, merged};

use sql_store::SqlError;
use sqlx::{Row, any::AnyRow};
use wire::{Availabilities, Schedule};

use super::columns::{json, text};

/// Reads the columns of a person and their schedule, if they have one: whoever has not is free in UTC.
fn schedule(row: &AnyRow) -> Result<Schedule, SqlError> {
    let weekly: Option<String> = row.try_get("weekly")?;
    let weekly = match weekly {
        Some(weekly) => json(&weekly)?,
        None => {
            let week: Availabilities = json(&row.try_get::<String, _>("availabilities")?)?;
            let weekly = domain::Weekly::of_whole_hours(week.0);
            weekly.rules().iter().copied().map(wire::Rule::from).collect()
        }
    };
    let Some(time_zone) = row.try_get::<Option<String>, _>("time_zone")? else {
        let time_zone = domain::Zone::utc();
        return Ok(Schedule { time_zone, weekly, overrides: Vec::new(), working_hours: Vec::new() });
    };
    Ok(Schedule {
        time_zone: text(&time_zone)?,
        weekly,
        overrides: json(&row.try_get::<String, _>("overrides")?)?,
        working_hours: json(&row.try_get::<String, _>("working_hours")?)?,
    })
}
