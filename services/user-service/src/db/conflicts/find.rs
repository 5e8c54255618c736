use sql_store::SqlError;
use sqlx::{Row, query};
use wire::Timestamp;

use crate::{db::Polls, key::Key, polls::PublicId};

/// Open polls in which a person has an answer from their schedule.
#[derive(Clone, Debug)]
pub(crate) struct PollsOfPerson {
    /// By what the person is found.
    pub(crate) key: Key,
    /// The polls, by id.
    pub(crate) polls: Vec<PublicId>,
}

impl Polls {
    /// At most `limit` polls of a person that may contradict what is known of their time, by id and after the given one;
    /// `None` where there is none.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn answered_by_schedule(
        &self,
        person: &str,
        after: Option<&str>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Option<PollsOfPerson>, SqlError> {
        let select = query(
            "SELECT DISTINCT people.address_key, asked.poll_id FROM people \
             JOIN participants AS asked ON asked.address_key = people.address_key \
             JOIN answers ON answers.poll_id = asked.poll_id AND answers.number = asked.number \
             AND answers.from_schedule = 1 \
             JOIN polls ON polls.id = asked.poll_id AND polls.deleted_at_us IS NULL \
             AND polls.meeting_starts_at_us IS NULL AND (polls.deadline_us IS NULL OR polls.deadline_us > $3) \
             WHERE people.id = $1 AND asked.poll_id > $2 ORDER BY asked.poll_id LIMIT $4",
        )
        .bind(person)
        .bind(after.unwrap_or_default())
        .bind(now.micros())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.db().reader().await?.fetch_all(select).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let key = Key::stored(first.try_get("address_key")?);
        let polls = rows.iter().map(|row| Ok(PublicId::stored(row.try_get("poll_id")?)));
        Ok(Some(PollsOfPerson { key, polls: polls.collect::<Result<_, SqlError>>()? }))
    }
}
