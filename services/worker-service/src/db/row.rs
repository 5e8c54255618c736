use std::error::Error;

use serde_json::{Value, json};
use sqlx::{Row, any::AnyRow};
use wire::Timestamp;

use crate::job::{Job, JobOrder, JobState};

/// The columns that [`job`] reads, in any statement that returns jobs.
macro_rules! columns {
    () => {
        "job_id, owner, case_id, kind, payload, priority, user_id_1, user_id_2, preference, trace, state, attempts, result, error, created_at, \
         started_at, finished_at, published, publish_after"
    };
}
pub(super) use columns;

/// The job in a row of these columns.
///
/// # Errors
/// When the row holds what this service never writes.
pub(super) fn job(row: &AnyRow) -> Result<Job, sqlx::Error> {
    let state = JobState::from_name(row.try_get("state")?).ok_or_else(|| decode("state", "unknown"))?;
    let attempts = row.try_get::<i64, _>("attempts")?;
    let result = row.try_get::<Option<&str>, _>("result")?;
    let waits = state == JobState::Queued && attempts > 0 && row.try_get::<i64, _>("published")? == 0;
    Ok(Job {
        job_id: row.try_get("job_id")?,
        owner: row.try_get("owner")?,
        case_id: row.try_get("case_id")?,
        order: JobOrder {
            kind: row.try_get("kind")?,
            payload: payload(row)?,
            priority: u8::try_from(row.try_get::<i64, _>("priority")?)
                .map_err(|error| decode("priority", error))?,
        },
        trace: serde_json::from_str(row.try_get("trace")?).map_err(|error| decode("trace", error))?,
        state,
        attempts: u32::try_from(attempts).map_err(|error| decode("attempts", error))?,
        result: result.map(serde_json::from_str).transpose().map_err(|error| decode("result", error))?,
        error: row.try_get("error")?,
        created_at: time(row, "created_at")?.ok_or_else(|| decode("created_at", "absent"))?,
        started_at: time(row, "started_at")?,
        finished_at: time(row, "finished_at")?,
        next_attempt_at: if waits { time(row, "publish_after")? } else { None },
    })
}

pub(super) fn payload(row: &AnyRow) -> Result<Value, sqlx::Error> {
    if let Some(payload) = row.try_get::<Option<&str>, _>("payload")? {
        return serde_json::from_str(payload).map_err(|error| decode("payload", error));
    }
    // The release before kinds has stored it.
    let text = |column| row.try_get::<Option<&str>, _>(column);
    Ok(json!({
        "userId1": text("user_id_1")?,
        "userId2": text("user_id_2")?,
        "preference": text("preference")?,
    }))
}

fn time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(Timestamp::from_micros))
}

fn decode(column: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}
