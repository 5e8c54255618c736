//! Imported calendars: when people are busy, and nothing else of what was in them.

use sql_store::SqlError;
use sqlx::{AssertSqlSafe, Row, query};
use wire::{CalendarEntry, Range, Timestamp};

use super::People;
use crate::key::Key;

/// Busy times that one statement writes.
const BATCH: usize = 500;
const COLUMNS: usize = 4;

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imported {
    Stored,
    UnknownPerson,
    /// The person has as many calendars as they may.
    TooMany,
}

impl People {
    /// Most calendars of a person.
    pub(crate) const MAX_CALENDARS: i64 = 20;

    /// Replaces what a person's calendar of that name said.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was changed.
    pub(crate) async fn import(
        &self,
        key: &Key,
        entry: &CalendarEntry,
        busy: &[Range],
    ) -> Result<Imported, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db().begin().await?;
        let lock = query("UPDATE people SET id = id WHERE address_key = $1 RETURNING id").bind(key.as_str());
        let Some(row) = tx.fetch_optional(lock).await? else {
            tx.rollback().await?;
            return Ok(Imported::UnknownPerson);
        };
        let person: String = row.try_get("id")?;
        let delete = query("DELETE FROM calendars WHERE person_id = $1 AND name = $2");
        tx.execute(delete.bind(person.as_str()).bind(entry.name.as_str())).await?;
        let count = query("SELECT COUNT(*) AS calendars FROM calendars WHERE person_id = $1");
        let row = tx.fetch_optional(count.bind(person.as_str())).await?.ok_or(sqlx::Error::RowNotFound)?;
        if row.try_get::<i64, _>("calendars")? >= Self::MAX_CALENDARS {
            tx.rollback().await?;
            return Ok(Imported::TooMany);
        }
        let insert = query(
            "INSERT INTO calendars (person_id, name, events, busy, imported_at_us) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(person.as_str())
        .bind(entry.name.as_str())
        .bind(i64::try_from(entry.events).unwrap_or(i64::MAX))
        .bind(i64::try_from(entry.busy).unwrap_or(i64::MAX))
        .bind(entry.imported_at.micros());
        tx.execute(insert).await?;
        for batch in busy.chunks(BATCH) {
            let row = |row: usize| {
                let places = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
                format!("({})", places.collect::<Vec<_>>().join(","))
            };
            let rows = (0..batch.len()).map(row).collect::<Vec<_>>().join(",");
            // Only numbers of placeholders go into the text.
            let insert = AssertSqlSafe(format!(
                "INSERT INTO busy_times (person_id, calendar, starts_at_us, ends_at_us) VALUES {rows}"
            ));
            let insert = batch.iter().fold(query(insert), |insert, range| {
                insert
                    .bind(person.as_str())
                    .bind(entry.name.as_str())
                    .bind(range.start.as_microsecond())
                    .bind(range.end.as_microsecond())
            });
            tx.execute(insert).await?;
        }
        tx.commit().await?;
        Ok(Imported::Stored)
    }

    /// A person's calendars by name; `None` when there is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn calendars(&self, key: &Key) -> Result<Option<Vec<CalendarEntry>>, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let select = query(
            "SELECT calendars.name, calendars.events, calendars.busy, calendars.imported_at_us FROM people \
             LEFT JOIN calendars ON calendars.person_id = people.id \
             WHERE people.address_key = $1 ORDER BY calendars.name",
        );
        let rows = self.db().reader().await?.fetch_all(select.bind(key.as_str())).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut calendars = Vec::new();
        for row in &rows {
            // Whoever has none has one row without a calendar.
            let Some(name) = row.try_get::<Option<String>, _>("name")? else { continue };
            let number =
                |name| Ok::<_, SqlError>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or_default());
            let imported_at = Timestamp::from_micros(row.try_get("imported_at_us")?);
            calendars.push(CalendarEntry {
                name,
                events: number("events")?,
                busy: number("busy")?,
                imported_at: imported_at.ok_or(sqlx::Error::RowNotFound)?,
            });
        }
        Ok(Some(calendars))
    }

    /// Takes a calendar away, and with it when the person was busy by it; whether there was one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn remove_calendar(&self, key: &Key, name: &str) -> Result<bool, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db().begin().await?;
        // The person first, as an import does: a trigger counts the change in their row.
        let lock = query("UPDATE people SET id = id WHERE address_key = $1 RETURNING id").bind(key.as_str());
        let Some(row) = tx.fetch_optional(lock).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        let delete = query("DELETE FROM calendars WHERE person_id = $1 AND name = $2");
        let delete = delete.bind(row.try_get::<String, _>("id")?).bind(name.to_owned());
        let removed = tx.execute(delete).await? > 0;
        tx.commit().await?;
        Ok(removed)
    }
}
