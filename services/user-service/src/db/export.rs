//! All that is stored of a person or a poll, table by table as it is stored, but for secrets and their hashes.

use serde_json::{Map, Value};
use sql_store::{Session, SqlError};
use sqlx::{Column, Row, any::AnyRow, query};
use wire::{Email, Timestamp};

use super::{People, Polls, mails::address_hash};
use crate::{key::Key, polls::PublicId};

/// What a table has of a person; $1 is the key of their address.
const OF_PERSON: &[(&str, &str)] = &[
    (
        "people",
        "SELECT id, email, availabilities, preference, created_at_us, time_version FROM people WHERE address_key = $1",
    ),
    (
        "schedules",
        "SELECT schedules.time_zone, schedules.weekly, schedules.overrides, schedules.working_hours FROM schedules \
         JOIN people ON people.id = schedules.person_id WHERE people.address_key = $1",
    ),
    (
        "calendars",
        "SELECT calendars.name, calendars.events, calendars.busy, calendars.imported_at_us FROM calendars \
         JOIN people ON people.id = calendars.person_id WHERE people.address_key = $1 ORDER BY calendars.name",
    ),
    (
        "busy_times",
        "SELECT busy_times.calendar, busy_times.starts_at_us, busy_times.ends_at_us FROM busy_times \
         JOIN people ON people.id = busy_times.person_id WHERE people.address_key = $1 \
         ORDER BY busy_times.calendar, busy_times.starts_at_us",
    ),
    (
        "calendar_subscriptions",
        "SELECT calendar_subscriptions.id, name, url, unanswered_is_busy, turn, due_at_us, fetched_at_us, failures, \
         last_error, last_error_code FROM calendar_subscriptions \
         JOIN people ON people.id = calendar_subscriptions.person_id WHERE people.address_key = $1 ORDER BY name",
    ),
    (
        "feeds",
        "SELECT person_id FROM feeds JOIN people ON people.id = feeds.person_id WHERE people.address_key = $1",
    ),
    ("accounts", "SELECT id, email, created_at_us FROM accounts WHERE email_key = $1"),
    (
        "access_tokens",
        "SELECT access_tokens.id, name, may_write, is_session, access_tokens.created_at_us, expires_at_us, last_used_day \
         FROM access_tokens JOIN accounts ON accounts.id = access_tokens.account_id WHERE accounts.email_key = $1 \
         ORDER BY access_tokens.id",
    ),
    (
        "identities",
        "SELECT issuer, subject, identities.created_at_us FROM identities \
         JOIN accounts ON accounts.id = identities.account_id WHERE accounts.email_key = $1 ORDER BY issuer, subject",
    ),
    (
        "provider_sessions",
        "SELECT token_id, issuer, subject, provider_session, is_administrator FROM provider_sessions \
         JOIN access_tokens ON access_tokens.id = provider_sessions.token_id \
         JOIN accounts ON accounts.id = access_tokens.account_id WHERE accounts.email_key = $1 ORDER BY token_id",
    ),
    (
        "account_polls",
        "SELECT poll_id, participant_id, added_at_us FROM account_polls \
         JOIN accounts ON accounts.id = account_polls.account_id WHERE accounts.email_key = $1 \
         ORDER BY poll_id, participant_id",
    ),
    (
        "poll_tokens",
        "SELECT poll_id, participant_id, poll_tokens.created_at_us FROM poll_tokens \
         JOIN accounts ON accounts.id = poll_tokens.account_id WHERE accounts.email_key = $1 \
         ORDER BY poll_id, participant_id, poll_tokens.created_at_us",
    ),
    (
        "audit_entries",
        "SELECT id, at_us, case_id, account_id, is_administrator, method, route, object_id, status FROM audit_entries \
         WHERE account_id IN (SELECT id FROM accounts WHERE email_key = $1) ORDER BY id",
    ),
    (
        "audit_subjects",
        "SELECT at_us, case_id, is_administrator, method, route, status FROM audit_subjects \
         JOIN audit_entries ON audit_entries.id = audit_subjects.entry_id \
         WHERE subject_id IN (SELECT id FROM people WHERE address_key = $1 \
            UNION ALL SELECT id FROM accounts WHERE email_key = $1) ORDER BY audit_entries.id",
    ),
    (
        "sign_ins",
        "SELECT id, email, language, mail_state, created_at_us, expires_at_us FROM sign_ins WHERE email_key = $1 ORDER BY id",
    ),
    (
        "participants",
        "SELECT poll_id, number, id, version, name, time_zone, email, language, required, working_hours \
         FROM participants WHERE address_key = $1 ORDER BY poll_id, number",
    ),
    (
        "answers",
        "SELECT answers.poll_id, answers.number, answered_at_us, from_schedule, yes, if_needed, asked, weekly, conflicts \
         FROM answers JOIN participants ON participants.poll_id = answers.poll_id \
         AND participants.number = answers.number WHERE participants.address_key = $1 \
         ORDER BY answers.poll_id, answers.number",
    ),
    (
        "meeting_replies",
        "SELECT meeting_replies.poll_id, meeting_replies.number, status, sequence, stamp_us, replied_at_us, \
         proposal_starts_at_us, proposal_ends_at_us, comment FROM meeting_replies \
         JOIN participants ON participants.poll_id = meeting_replies.poll_id \
         AND participants.number = meeting_replies.number WHERE participants.address_key = $1 \
         ORDER BY meeting_replies.poll_id, meeting_replies.number",
    ),
    (
        "polls",
        "SELECT id, title, description, location, layout, visibility, deadline_us, meeting_starts_at_us, \
         meeting_ends_at_us, created_at_us, deleted_at_us, organiser_email, language, remind, keep_days, last_at_us \
         FROM polls WHERE organiser_email IS NOT NULL AND (organiser_key = $1 OR organiser_key IS NULL) ORDER BY id",
    ),
    (
        "mails",
        "SELECT id, poll_id, participant_id, address, purpose, content, state, error, created_at_us, ended_at_us \
         FROM mails WHERE address_key = $1 ORDER BY id",
    ),
    (
        "job_orders",
        "SELECT job_orders.id, kind, payload, case_id, job_orders.due_at_us FROM job_orders WHERE EXISTS ( \
            SELECT 1 FROM (SELECT id FROM people WHERE address_key = $1 \
                UNION ALL SELECT calendar_subscriptions.id FROM calendar_subscriptions \
                    JOIN people ON people.id = calendar_subscriptions.person_id WHERE people.address_key = $1 \
                UNION ALL SELECT id FROM mails WHERE address_key = $1 \
                UNION ALL SELECT id FROM sign_ins WHERE email_key = $1) AS own \
            WHERE job_orders.payload LIKE '%\"' || own.id || '\"%') ORDER BY job_orders.id",
    ),
];

/// What a table has of a poll; $1 is its id.
const OF_POLL: &[(&str, &str)] = &[
    (
        "polls",
        "SELECT id, version, described_version, reset_version, title, description, location, layout, visibility, \
         deadline_us, meeting_starts_at_us, meeting_ends_at_us, meeting_sequence, participants_ever, participants, \
         created_at_us, deleted_at_us, close_due_us, organiser_email, language, remind, keep_days, last_at_us \
         FROM polls WHERE id = $1",
    ),
    (
        "participants",
        "SELECT number, id, version, name, time_zone, email, language, required, working_hours \
         FROM participants WHERE poll_id = $1 ORDER BY number",
    ),
    (
        "answers",
        "SELECT number, version, answered_at_us, from_schedule, yes, if_needed, asked, weekly, conflicts \
         FROM answers WHERE poll_id = $1 ORDER BY number",
    ),
    (
        "meeting_replies",
        "SELECT number, status, sequence, stamp_us, replied_at_us, proposal_starts_at_us, proposal_ends_at_us, comment \
         FROM meeting_replies WHERE poll_id = $1 ORDER BY number",
    ),
    (
        "mails",
        "SELECT id, participant_id, address, purpose, content, state, error, created_at_us, ended_at_us \
         FROM mails WHERE poll_id = $1 ORDER BY id",
    ),
    (
        "job_orders",
        "SELECT id, kind, payload, case_id, due_at_us FROM job_orders \
         WHERE payload LIKE '%\"' || $1 || '\"%' OR id LIKE 'close/' || $1 || '/%' ORDER BY id",
    ),
];

/// Columns that are JSON.
const JSON: [&str; 8] =
    ["availabilities", "weekly", "overrides", "working_hours", "conflicts", "layout", "content", "payload"];

impl People {
    /// All that is stored of whoever has this address, whether or not they are a stored person, by table.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn export(&self, key: &Key) -> Result<Map<String, Value>, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut session = self.db.reader().await?;
        let mut tables = read(&mut session, OF_PERSON, key.as_str()).await?;
        // A release before wrote no keys of organisers, so these addresses are looked at.
        if let Some(Value::Array(polls)) = tables.get_mut("polls") {
            let is_theirs = |poll: &Value| Email::key(poll["organiser_email"].as_str().unwrap_or_default());
            polls.retain(|poll| is_theirs(poll) == key.as_str());
        }
        let blocked = "SELECT blocked, blocked_at_us FROM mail_addresses WHERE address_hash = $1";
        let hash = address_hash(key.as_str());
        tables.extend(read(&mut session, &[("mail_addresses", blocked)], &hash).await?);
        Ok(tables)
    }
}

impl Polls {
    /// All that is stored of a poll, by table.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn export(&self, id: &PublicId) -> Result<Map<String, Value>, SqlError> {
        read(&mut self.db().reader().await?, OF_POLL, id.as_str()).await
    }
}

async fn read(
    session: &mut Session,
    tables: &[(&'static str, &'static str)],
    of: &str,
) -> Result<Map<String, Value>, SqlError> {
    let mut found = Map::new();
    for (table, select) in tables {
        let rows = session.fetch_all(query(*select).bind(of)).await?;
        let rows: Result<Vec<Value>, SqlError> = rows.iter().map(object).collect();
        found.insert((*table).to_owned(), Value::Array(rows?));
    }
    Ok(found)
}

/// A row by the names of its columns; instants as everywhere on the wire.
fn object(row: &AnyRow) -> Result<Value, SqlError> {
    let mut members = Map::new();
    for (index, column) in row.columns().iter().enumerate() {
        let name = column.name();
        let value = match row.try_get::<Option<i64>, _>(index) {
            Ok(number) => number.map_or(Value::Null, Value::from),
            Err(_) => row.try_get::<Option<String>, _>(index)?.map_or(Value::Null, Value::String),
        };
        let (name, value) = readable(name, value);
        members.insert(name, value);
    }
    Ok(Value::Object(members))
}

fn readable(name: &str, value: Value) -> (String, Value) {
    if let (Some(name), Some(micros)) = (name.strip_suffix("_us"), value.as_i64()) {
        let instant = Timestamp::from_micros(micros).map(|instant| Value::from(instant.to_string()));
        return (name.to_owned(), instant.unwrap_or(value));
    }
    let name = name.strip_suffix("_us").unwrap_or(name).to_owned();
    let parsed = value
        .as_str()
        .filter(|_| JSON.contains(&name.as_str()))
        .and_then(|text| serde_json::from_str(text).ok());
    (name, parsed.unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn instants_and_json_are_readable() {
        let shown = |name: &str, value: Value| readable(name, value);
        let instant = ("created_at".to_owned(), json!("1970-01-01T00:00:01.000000Z"));
        assert_eq!(shown("created_at_us", json!(1_000_000)), instant);
        assert_eq!(shown("deadline_us", Value::Null), ("deadline".to_owned(), Value::Null));
        assert_eq!(shown("layout", json!("{\"a\":1}")), ("layout".to_owned(), json!({"a": 1})));
        assert_eq!(shown("title", json!("{}")), ("title".to_owned(), json!("{}")), "somebody has written it");
        assert_eq!(shown("number", json!(3)), ("number".to_owned(), json!(3)));
    }
}
