use std::collections::{HashMap, HashSet};

use jiff::Timestamp as Instant;
use sql_store::{Placeholders, Session, SqlError};
use sqlx::{AssertSqlSafe, Row, query};
use wire::Range;

use super::{
    StoredSchedule,
    find::{merged, select_without_meetings},
};
use crate::{
    db::{People, columns::range},
    key::Key,
    schedules::content_hash,
};

/// A person's time at one version of it.
#[derive(Clone, Debug)]
pub(crate) struct VersionedSchedule {
    pub(crate) version: String,
    /// None where whoever asked knows this version.
    pub(crate) stored: Option<StoredSchedule>,
}

/// What a version stands for.
struct State {
    person: String,
    /// Counts the changes of everything but meetings.
    changes: i64,
    /// Sorted, merged.
    meetings: Vec<Range>,
}

impl State {
    fn version(&self) -> String {
        let State { person, changes, meetings } = self;
        if meetings.is_empty() {
            return format!("{person}.{changes}");
        }
        format!("{person}.{changes}.{}", content_hash(meetings))
    }
}

impl People {
    /// As [`People::schedules`], but of those whose version is not among the known ones; of the others one query is all.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn schedules_unless_known(
        &self,
        keys: &[Key],
        from: Instant,
        to: Instant,
        known: &HashSet<String>,
    ) -> Result<HashMap<Key, VersionedSchedule>, SqlError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        self.complete(keys).await?;
        let mut session = self.db.reader().await?;
        let mut states = states(&mut session, keys, from, to).await?;
        let version = |(key, state): (&Key, &State)| {
            (key.clone(), VersionedSchedule { version: state.version(), stored: None })
        };
        let mut people: HashMap<Key, VersionedSchedule> = states.iter().map(version).collect();
        let wanted = people.iter().filter(|(_, person)| !known.contains(&person.version));
        let wanted: Vec<Key> = wanted.map(|(key, _)| key.clone()).collect();
        if wanted.is_empty() {
            return Ok(people);
        }
        // It is read after the version, so a change in between only makes the next question read it again. Meetings come
        // and go without a count: they have to be those that the version stands for.
        let mut found = select_without_meetings(&mut session, &wanted, from, to).await?;
        for key in wanted {
            let (Some(mut stored), Some(state)) = (found.remove(&key), states.remove(&key)) else {
                // They were deleted in between.
                people.remove(&key);
                continue;
            };
            stored.busy.extend(state.meetings);
            stored.busy = merged(stored.busy);
            if let Some(person) = people.get_mut(&key) {
                person.stored = Some(stored);
            }
        }
        Ok(people)
    }
}

/// What the time of those of `keys` follows from who are stored, in one statement.
async fn states(
    session: &mut Session,
    keys: &[Key],
    from: Instant,
    to: Instant,
) -> Result<HashMap<Key, State>, SqlError> {
    let list = Placeholders::new(3, keys.len());
    // Only numbers of placeholders go into the text.
    let select = AssertSqlSafe(format!(
        "SELECT people.address_key, people.id, people.time_version, \
         CAST(NULL AS BIGINT) AS starts_at_us, CAST(NULL AS BIGINT) AS ends_at_us FROM people \
         WHERE people.address_key IN ({list}) \
         UNION ALL \
         SELECT participants.address_key, NULL, NULL, polls.meeting_starts_at_us, polls.meeting_ends_at_us \
         FROM participants JOIN polls ON polls.id = participants.poll_id AND polls.deleted_at_us IS NULL \
         AND polls.meeting_starts_at_us < $2 AND polls.meeting_ends_at_us > $1 \
         WHERE participants.address_key IN ({list})"
    ));
    let select = query(select).bind(from.as_microsecond()).bind(to.as_microsecond());
    let select = list.pad(keys).fold(select, |select, key| select.bind(key.as_str()));
    let (mut states, mut meetings) = (HashMap::new(), Vec::new());
    for row in &session.fetch_all(select).await? {
        let key = Key::stored(row.try_get("address_key")?);
        match row.try_get::<Option<String>, _>("id")? {
            Some(person) => {
                let changes = row.try_get("time_version")?;
                states.insert(key, State { person, changes, meetings: Vec::new() });
            }
            None => meetings.push((key, range(row.try_get("starts_at_us")?, row.try_get("ends_at_us")?)?)),
        }
    }
    for (key, meeting) in meetings {
        if let Some(state) = states.get_mut(&key) {
            state.meetings.push(meeting);
        }
    }
    for state in states.values_mut() {
        state.meetings = merged(std::mem::take(&mut state.meetings));
    }
    Ok(states)
}
