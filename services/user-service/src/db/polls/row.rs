use domain::Zone;
use sql_store::SqlError;
use sqlx::{Row, any::AnyRow};
use wire::{Conflicts, NewPoll};

use super::meeting_replies::reply;
use crate::{
    db::columns::{instant, json, range, text},
    polls::{PublicId, StoredAnswer, StoredParticipant, StoredPoll, StoredTimes, TokenHash},
};

/// The columns that every query of polls names alike.
macro_rules! poll_columns {
    () => {
        "polls.id AS poll_id, polls.admin_token_hash, polls.version AS poll_version, polls.described_version, \
         polls.reset_version, polls.title, polls.description, polls.location, polls.layout, polls.visibility, \
         polls.deadline_us, polls.meeting_starts_at_us, polls.meeting_ends_at_us, polls.meeting_sequence, polls.participants, \
         polls.created_at_us, polls.deleted_at_us, polls.organiser_email, polls.language, polls.remind, \
         polls.keep_days, polls.last_at_us"
    };
}
/// The columns and tables that every query of participants with their answers names alike; a condition follows.
macro_rules! select_participants {
    () => {
        concat!(
            "SELECT participants.number, participants.id, participants.name, \
             participants.time_zone, participants.email, participants.required, participants.working_hours, \
             people.id AS person_id, answers.answered_at_us, answers.from_schedule, answers.yes, answers.if_needed, \
             answers.asked, answers.weekly, answers.conflicts, \
             (SELECT polls.version FROM polls WHERE polls.id = participants.poll_id) AS poll_version, ",
            crate::db::polls::meeting_replies::reply_columns!(),
            " FROM participants \
             LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
             LEFT JOIN people ON people.address_key = participants.address_key ",
            crate::db::polls::meeting_replies::join_replies!(),
            " WHERE participants.poll_id = $1"
        )
    };
}
pub(in crate::db) use poll_columns;
pub(super) use select_participants;

pub(in crate::db) fn poll(row: &AnyRow) -> Result<StoredPoll, SqlError> {
    let content = NewPoll {
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        location: row.try_get("location")?,
        layout: json(&row.try_get::<String, _>("layout")?)?,
        visibility: text(&row.try_get::<String, _>("visibility")?)?,
        deadline: row.try_get::<Option<i64>, _>("deadline_us")?.map(instant).transpose()?,
        organiser_email: row
            .try_get::<Option<String>, _>("organiser_email")?
            .as_deref()
            .map(text)
            .transpose()?,
        language: text(&row.try_get::<String, _>("language")?)?,
        remind: row.try_get::<i64, _>("remind")? != 0,
        keep_days: row.try_get::<Option<i64>, _>("keep_days")?.and_then(|days| u32::try_from(days).ok()),
    };
    let meeting = row.try_get::<Option<i64>, _>("meeting_starts_at_us")?;
    let meeting = meeting.zip(row.try_get::<Option<i64>, _>("meeting_ends_at_us")?);
    Ok(StoredPoll {
        id: PublicId::stored(row.try_get("poll_id")?),
        admin: TokenHash::stored(row.try_get("admin_token_hash")?),
        version: row.try_get("poll_version")?,
        described_version: row.try_get("described_version")?,
        reset_version: row.try_get("reset_version")?,
        content,
        meeting: meeting.map(|(start, end)| range(start, end)).transpose()?,
        meeting_sequence: row.try_get("meeting_sequence")?,
        participants: u64::try_from(row.try_get::<i64, _>("participants")?).unwrap_or_default(),
        created_at_us: row.try_get("created_at_us")?,
        deleted_at_us: row.try_get("deleted_at_us")?,
        last_at_us: row.try_get("last_at_us")?,
    })
}

pub(super) fn participant(row: &AnyRow) -> Result<StoredParticipant, SqlError> {
    let email: Option<String> = row.try_get("email")?;
    let answer = match row.try_get::<Option<i64>, _>("answered_at_us")? {
        None => None,
        Some(answered_at_us) => Some(StoredAnswer {
            answered_at_us,
            from_schedule: row.try_get::<i64, _>("from_schedule")? != 0,
            times: times(row)?,
            conflicts: conflicts(row)?,
        }),
    };
    Ok(StoredParticipant {
        number: row.try_get("number")?,
        id: PublicId::stored(row.try_get("id")?),
        name: row.try_get("name")?,
        time_zone: text::<Zone>(&row.try_get::<String, _>("time_zone")?)?,
        email: email.as_deref().map(text).transpose()?,
        stored: row.try_get::<Option<String>, _>("person_id")?.is_some(),
        required: row.try_get::<i64, _>("required")? != 0,
        working_hours: json(&row.try_get::<String, _>("working_hours")?)?,
        answer,
        meeting_reply: reply(row)?,
    })
}

/// When an answer from the schedule is in conflict with it.
pub(super) fn conflicts(row: &AnyRow) -> Result<Option<Conflicts>, SqlError> {
    row.try_get::<Option<String>, _>("conflicts")?.as_deref().map(json).transpose()
}

fn times(row: &AnyRow) -> Result<StoredTimes, SqlError> {
    Ok(match row.try_get::<Option<String>, _>("weekly")? {
        Some(weekly) => StoredTimes::Weekly(json(&weekly)?),
        None => StoredTimes::Dates {
            yes: row.try_get("yes")?,
            if_needed: row.try_get("if_needed")?,
            asked: row.try_get("asked")?,
        },
    })
}
