use sql_store::{SqlError, Tx};
use sqlx::{Row, query};
use wire::{CalendarErrorCode, CalendarState, CaseId, Range, Timestamp};

use super::{import::add_busy_times, state, subscriptions::refresh_order};
use crate::{
    calendar_refreshes::pause,
    db::{
        People,
        conflicts::{Whose, order_check},
    },
    polls::PublicId,
};

/// What came of fetching a calendar once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FetchedCalendar {
    /// What is known is still so.
    Same { etag: Option<String> },
    /// It has changed.
    Content { etag: Option<String>, content_hash: String, events: u64, busy: Vec<Range> },
    /// It could not be fetched or read; what was known stays.
    Failed { error: String, code: Option<CalendarErrorCode> },
}

/// Whether what came of a fetch was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// Now, and the next fetch is ordered.
    As(CalendarState),
    /// It had been before, or another fetch has begun since. Nothing was changed.
    Before,
    /// The subscription has ended.
    Gone,
}

/// The fetch that goes on.
struct CurrentFetch {
    person: String,
    name: String,
    failures: i64,
    is_fetched: bool,
}

impl People {
    /// Notes what came of a fetch, once, and orders the next one. `jitter` is in `0.0..1.0`.
    ///
    /// # Errors
    /// [`SqlError`], by kind; it can be noted again.
    pub(crate) async fn note_fetched(
        &self,
        id: &PublicId,
        fetch_number: i64,
        fetched: &FetchedCalendar,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Noted, SqlError> {
        let mut tx = self.db().begin().await?;
        let Some(current) = begin(&mut tx, id, fetch_number).await? else {
            tx.rollback().await?;
            let is_known = self.subscription(id).await?.is_some();
            return Ok(if is_known { Noted::Before } else { Noted::Gone });
        };
        let (failures, is_fetched) = match fetched {
            FetchedCalendar::Same { etag } => {
                note_success(&mut tx, id, etag.as_deref(), None, now).await?;
                (0, true)
            }
            FetchedCalendar::Content { etag, content_hash, events, busy } => {
                note_success(&mut tx, id, etag.as_deref(), Some(content_hash), now).await?;
                put_content(&mut tx, &current, *events, busy, now).await?;
                (0, true)
            }
            FetchedCalendar::Failed { error, code } => {
                let failures = current.failures.saturating_add(1);
                note_failure(&mut tx, id, failures, error, *code).await?;
                (failures, current.is_fetched)
            }
        };
        let due = now.plus(pause(u32::try_from(failures).unwrap_or(u32::MAX), jitter));
        let update = query("UPDATE calendar_subscriptions SET due_at_us = $2 WHERE id = $1");
        tx.execute(update.bind(id.as_str()).bind(due.micros())).await?;
        refresh_order(id.as_str(), fetch_number + 1, due, &CaseId::fresh()).insert(&mut tx).await?;
        if let FetchedCalendar::Content { .. } = fetched {
            order_check(&mut tx, Whose::Person(&current.person), &CaseId::fresh()).await?;
        }
        tx.commit().await?;
        Ok(Noted::As(state(true, is_fetched, failures)))
    }
}

/// The fetch of that number, if it is the one that goes on; then it ends with this transaction.
async fn begin(tx: &mut Tx, id: &PublicId, fetch_number: i64) -> Result<Option<CurrentFetch>, SqlError> {
    // The person first, as whoever changes calendars does.
    let lock = query(
        "UPDATE people SET id = id WHERE id = (SELECT person_id FROM calendar_subscriptions WHERE id = $1) \
         RETURNING id",
    );
    if tx.fetch_optional(lock.bind(id.as_str())).await?.is_none() {
        return Ok(None);
    }
    let update = query(
        "UPDATE calendar_subscriptions SET turn = turn + 1 WHERE id = $1 AND turn = $2 \
         RETURNING person_id, name, failures, fetched_at_us",
    );
    let Some(row) = tx.fetch_optional(update.bind(id.as_str()).bind(fetch_number)).await? else {
        return Ok(None);
    };
    Ok(Some(CurrentFetch {
        person: row.try_get("person_id")?,
        name: row.try_get("name")?,
        failures: row.try_get("failures")?,
        is_fetched: row.try_get::<Option<i64>, _>("fetched_at_us")?.is_some(),
    }))
}

async fn note_success(
    tx: &mut Tx,
    id: &PublicId,
    etag: Option<&str>,
    content_hash: Option<&String>,
    now: Timestamp,
) -> Result<(), SqlError> {
    let update = query(
        "UPDATE calendar_subscriptions SET etag = $2, content_hash = COALESCE($3, content_hash), \
         fetched_at_us = $4, failures = 0, last_error = NULL, last_error_code = NULL WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(etag)
    .bind(content_hash.map(String::as_str))
    .bind(now.micros());
    tx.execute(update).await.map(drop)
}

async fn note_failure(
    tx: &mut Tx,
    id: &PublicId,
    failures: i64,
    error: &str,
    code: Option<CalendarErrorCode>,
) -> Result<(), SqlError> {
    let update = query(
        "UPDATE calendar_subscriptions SET failures = $2, last_error = $3, last_error_code = $4 WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(failures)
    .bind(error)
    .bind(code.map(CalendarErrorCode::name));
    tx.execute(update).await.map(drop)
}

async fn put_content(
    tx: &mut Tx,
    fetch: &CurrentFetch,
    events: u64,
    busy: &[Range],
    now: Timestamp,
) -> Result<(), SqlError> {
    let (person, name) = (fetch.person.as_str(), fetch.name.as_str());
    let update = query(
        "UPDATE calendars SET events = $3, busy = $4, imported_at_us = $5 WHERE person_id = $1 AND name = $2",
    )
    .bind(person)
    .bind(name)
    .bind(i64::try_from(events).unwrap_or(i64::MAX))
    .bind(i64::try_from(busy.len()).unwrap_or(i64::MAX))
    .bind(now.micros());
    tx.execute(update).await?;
    let delete = query("DELETE FROM busy_times WHERE person_id = $1 AND calendar = $2");
    tx.execute(delete.bind(person).bind(name)).await?;
    add_busy_times(tx, person, name, busy).await
}
