use sql_store::{SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, query};
use wire::{CalendarEntry, CaseId, Range};

use crate::{
    db::{
        People,
        conflicts::{Whose, order_check},
    },
    key::Key,
};

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

    /// Replaces what a person's calendar of that name said, whether it was sent or fetched.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was changed.
    pub(crate) async fn import(
        &self,
        key: &Key,
        entry: &CalendarEntry,
        busy: &[Range],
        case_id: &CaseId,
    ) -> Result<Imported, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db().begin().await?;
        let Some(person) = lock_person(&mut tx, key).await? else {
            tx.rollback().await?;
            return Ok(Imported::UnknownPerson);
        };
        if !replace(&mut tx, &person, entry).await? {
            tx.rollback().await?;
            return Ok(Imported::TooMany);
        }
        add_busy_times(&mut tx, &person, &entry.name, busy).await?;
        order_check(&mut tx, Whose::Person(&person), case_id).await?;
        tx.commit().await?;
        Ok(Imported::Stored)
    }
}

/// The id of a person, whose row is locked until the end of the transaction. A trigger counts changes of calendars in it,
/// so whoever changes one locks the person first: two who do so wait for each other in the same order.
pub(super) async fn lock_person(tx: &mut Tx, key: &Key) -> Result<Option<String>, SqlError> {
    let lock = query("UPDATE people SET id = id WHERE address_key = $1 RETURNING id").bind(key.as_str());
    Ok(tx.fetch_optional(lock).await?.map(|row| row.try_get("id")).transpose()?)
}

/// Puts a calendar without busy times in the place of the one of that name; `false` when the person has too many others.
pub(super) async fn replace(tx: &mut Tx, person: &str, entry: &CalendarEntry) -> Result<bool, SqlError> {
    let delete = query("DELETE FROM calendars WHERE person_id = $1 AND name = $2");
    tx.execute(delete.bind(person).bind(entry.name.as_str())).await?;
    let count = query("SELECT COUNT(*) AS calendars FROM calendars WHERE person_id = $1");
    let row = tx.fetch_optional(count.bind(person)).await?.ok_or(sqlx::Error::RowNotFound)?;
    if row.try_get::<i64, _>("calendars")? >= People::MAX_CALENDARS {
        return Ok(false);
    }
    let insert = query(
        "INSERT INTO calendars (person_id, name, events, busy, imported_at_us) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(person)
    .bind(entry.name.as_str())
    .bind(i64::try_from(entry.events).unwrap_or(i64::MAX))
    .bind(i64::try_from(entry.busy).unwrap_or(i64::MAX))
    .bind(entry.imported_at.micros());
    tx.execute(insert).await?;
    Ok(true)
}

pub(super) async fn add_busy_times(
    tx: &mut Tx,
    person: &str,
    calendar: &str,
    busy: &[Range],
) -> Result<(), SqlError> {
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
                .bind(person)
                .bind(calendar)
                .bind(range.start.as_microsecond())
                .bind(range.end.as_microsecond())
        });
        tx.execute(insert).await?;
    }
    Ok(())
}
