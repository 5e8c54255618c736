use std::collections::HashMap;

use jiff::Timestamp as Instant;
use sql_store::{Placeholders, Session, SqlError};
use sqlx::{AssertSqlSafe, Row, query};
use wire::{Range, Schedule};

use super::schedule;
use crate::{
    db::{People, columns::range},
    key::Key,
};

/// What a person's free time follows from.
#[derive(Clone, Debug)]
pub(crate) struct StoredSchedule {
    pub(crate) schedule: Schedule,
    /// When they are busy in the time that was asked for: by their calendars, and by meetings that were decided. Sorted,
    /// merged, not cut to that time.
    pub(crate) busy: Vec<Range>,
}

impl People {
    /// The schedules of those of `keys` that are stored, with when they are busy from one instant to another.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn schedules(
        &self,
        keys: &[Key],
        from: Instant,
        to: Instant,
    ) -> Result<HashMap<Key, StoredSchedule>, SqlError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        self.complete(keys).await?;
        let mut session = self.db.reader().await?;
        select(&mut session, keys, from, to).await
    }
}

/// As [`People::schedules`], by whichever connection or transaction; of at least one key.
pub(in crate::db) async fn select(
    session: &mut Session,
    keys: &[Key],
    from: Instant,
    to: Instant,
) -> Result<HashMap<Key, StoredSchedule>, SqlError> {
    let mut found = without_busy_times(session, keys).await?;
    let list = Placeholders::new(3, keys.len());
    let select = format!("{} UNION ALL {}", by_calendars(&list), by_meetings(&list));
    add_busy_times(session, select, keys, from, to, &mut found).await?;
    Ok(found)
}

/// As [`select`], but with busy times by calendars alone.
pub(super) async fn select_without_meetings(
    session: &mut Session,
    keys: &[Key],
    from: Instant,
    to: Instant,
) -> Result<HashMap<Key, StoredSchedule>, SqlError> {
    let mut found = without_busy_times(session, keys).await?;
    let select = by_calendars(&Placeholders::new(3, keys.len()));
    add_busy_times(session, select, keys, from, to, &mut found).await?;
    Ok(found)
}

async fn without_busy_times(
    session: &mut Session,
    keys: &[Key],
) -> Result<HashMap<Key, StoredSchedule>, SqlError> {
    let list = Placeholders::new(1, keys.len());
    // Only numbers of placeholders go into the text, here and below.
    let select = AssertSqlSafe(format!(
        "SELECT people.address_key, people.availabilities, schedules.time_zone, schedules.weekly, \
         schedules.overrides, schedules.working_hours FROM people \
         LEFT JOIN schedules ON schedules.person_id = people.id WHERE people.address_key IN ({list})"
    ));
    let select = list.pad(keys).fold(query(select), |select, key| select.bind(key.as_str()));
    let mut found = HashMap::new();
    for row in &session.fetch_all(select).await? {
        let key = Key::stored(row.try_get("address_key")?);
        found.insert(key, StoredSchedule { schedule: schedule(row)?, busy: Vec::new() });
    }
    Ok(found)
}

/// Selects when those in the list are busy by their calendars between `$1` and `$2`.
fn by_calendars(list: &Placeholders) -> String {
    format!(
        "SELECT people.address_key, busy_times.starts_at_us, busy_times.ends_at_us FROM people \
         JOIN busy_times ON busy_times.person_id = people.id \
         AND busy_times.starts_at_us < $2 AND busy_times.ends_at_us > $1 \
         WHERE people.address_key IN ({list})"
    )
}

/// Selects when those in the list are busy by meetings that were decided, between `$1` and `$2`.
fn by_meetings(list: &Placeholders) -> String {
    format!(
        "SELECT people.address_key, polls.meeting_starts_at_us, polls.meeting_ends_at_us FROM people \
         JOIN participants ON participants.address_key = people.address_key \
         JOIN polls ON polls.id = participants.poll_id AND polls.deleted_at_us IS NULL \
         AND polls.meeting_starts_at_us < $2 AND polls.meeting_ends_at_us > $1 \
         WHERE people.address_key IN ({list})"
    )
}

async fn add_busy_times(
    session: &mut Session,
    select: String,
    keys: &[Key],
    from: Instant,
    to: Instant,
    found: &mut HashMap<Key, StoredSchedule>,
) -> Result<(), SqlError> {
    let list = Placeholders::new(3, keys.len());
    let select = query(AssertSqlSafe(select)).bind(from.as_microsecond()).bind(to.as_microsecond());
    let select = list.pad(keys).fold(select, |select, key| select.bind(key.as_str()));
    for row in session.fetch_all(select).await? {
        let key = Key::stored(row.try_get("address_key")?);
        let busy = range(row.try_get("starts_at_us")?, row.try_get("ends_at_us")?)?;
        if let Some(person) = found.get_mut(&key) {
            person.busy.push(busy);
        }
    }
    for person in found.values_mut() {
        person.busy = merged(std::mem::take(&mut person.busy));
    }
    Ok(())
}

/// Sorted, and one where they overlap or touch.
pub(crate) fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
