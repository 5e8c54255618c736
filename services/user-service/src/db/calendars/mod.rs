//! Calendars of people: when they are busy, and nothing else of what was in them.

mod import;
mod lost_refreshes;
mod outcomes;
mod subscriptions;

pub(crate) use import::Imported;
pub(crate) use outcomes::{FetchedCalendar, Noted};
pub(crate) use subscriptions::{StoredSubscription, Subscription};

use sql_store::SqlError;
use sqlx::{Row, any::AnyRow, query};
use wire::{CalendarEntry, CalendarErrorCode, CalendarState, CaseId, Timestamp};

use super::{
    People,
    conflicts::{Whose, order_check},
};
use crate::key::Key;
use import::lock_person;

impl People {
    /// A person's calendars by name; `None` when there is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn calendars(&self, key: &Key) -> Result<Option<Vec<CalendarEntry>>, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let select = query(
            "SELECT calendars.name, calendars.events, calendars.busy, calendars.imported_at_us, \
             calendar_subscriptions.id AS subscription, calendar_subscriptions.fetched_at_us, \
             calendar_subscriptions.failures, calendar_subscriptions.last_error, \
             calendar_subscriptions.last_error_code FROM people \
             LEFT JOIN calendars ON calendars.person_id = people.id \
             LEFT JOIN calendar_subscriptions ON calendar_subscriptions.person_id = calendars.person_id \
             AND calendar_subscriptions.name = calendars.name \
             WHERE people.address_key = $1 ORDER BY calendars.name",
        );
        let rows = self.db().reader().await?.fetch_all(select.bind(key.as_str())).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        // Whoever has none has one row without a calendar.
        rows.iter().filter_map(|row| entry(row).transpose()).collect::<Result<_, _>>().map(Some)
    }

    /// Takes a calendar away, and with it when the person was busy by it; whether there was one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn remove_calendar(
        &self,
        key: &Key,
        name: &str,
        case_id: &CaseId,
    ) -> Result<bool, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db().begin().await?;
        let Some(person) = lock_person(&mut tx, key).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        let delete = query("DELETE FROM calendars WHERE person_id = $1 AND name = $2");
        let delete = delete.bind(person.as_str()).bind(name);
        let removed = tx.execute(delete).await? > 0;
        if removed {
            order_check(&mut tx, Whose::Person(&person), case_id).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}

/// The calendar in a row; `None` where there is none.
fn entry(row: &AnyRow) -> Result<Option<CalendarEntry>, SqlError> {
    let Some(name) = row.try_get::<Option<String>, _>("name")? else { return Ok(None) };
    let number = |name| Ok::<_, SqlError>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or_default());
    let imported_at = Timestamp::from_micros(row.try_get("imported_at_us")?);
    let fetched_at = row.try_get::<Option<i64>, _>("fetched_at_us")?.and_then(Timestamp::from_micros);
    let is_subscribed = row.try_get::<Option<String>, _>("subscription")?.is_some();
    let error_code = row.try_get::<Option<String>, _>("last_error_code")?;
    let failures = row.try_get::<Option<i64>, _>("failures")?.unwrap_or_default();
    Ok(Some(CalendarEntry {
        name,
        events: number("events")?,
        busy: number("busy")?,
        imported_at: imported_at.ok_or(sqlx::Error::RowNotFound)?,
        state: state(is_subscribed, fetched_at.is_some(), failures),
        fetched_at,
        last_error: row.try_get("last_error")?,
        last_error_code: error_code.as_deref().and_then(CalendarErrorCode::from_name),
    }))
}

fn state(is_subscribed: bool, is_fetched: bool, failures: i64) -> CalendarState {
    match (is_subscribed, failures, is_fetched) {
        (false, ..) => CalendarState::Uploaded,
        (true, 1.., _) => CalendarState::Failing,
        (true, _, true) => CalendarState::Fresh,
        (true, _, false) => CalendarState::Waiting,
    }
}
