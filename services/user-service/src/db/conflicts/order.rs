use sql_store::{SqlError, Tx};
use sqlx::query;
use wire::{CaseId, Timestamp};

use crate::{key::Key, polls::PublicId};

/// Changes of a person's time within so many microseconds are looked at together.
const TOGETHER_US: i64 = 10_000_000;
/// When they are looked at, after the end of that time. The statement that writes the order is over by then, and from then
/// on the order's row is locked until its transaction ends: nobody claims it before all changes can be seen.
const AFTERWARDS_US: i64 = 5_000_000;

/// Whose answers may contradict what is known of their time.
#[derive(Clone, Copy, Debug)]
pub(in crate::db) enum Whose<'a> {
    /// Those of the person with this id.
    Person(&'a str),
    /// Those of the person with this address.
    Address(&'a Key),
    /// Those of all who take part in this poll.
    ParticipantsOf(&'a PublicId),
}

/// An order for each of the people who has an answer from their schedule in an open poll. They are written in the order of
/// people, so that two transactions that write the same ones wait for each other in that order.
macro_rules! insert_orders {
    ($whose:literal) => {
        concat!(
            "INSERT INTO job_orders (id, kind, payload, case_id, due_at_us) \
             SELECT 'check-conflicts/' || people.id || '/' || $2, 'check-conflicts', \
             '{\"person\":\"' || people.id || '\"}', $3, $4 FROM people WHERE ",
            $whose,
            " AND EXISTS (SELECT 1 FROM participants AS asked \
             JOIN answers ON answers.poll_id = asked.poll_id AND answers.number = asked.number \
             AND answers.from_schedule = 1 \
             JOIN polls ON polls.id = asked.poll_id AND polls.deleted_at_us IS NULL \
             AND polls.meeting_starts_at_us IS NULL AND (polls.deadline_us IS NULL OR polls.deadline_us > $5) \
             WHERE asked.address_key = people.address_key) \
             ORDER BY people.id ON CONFLICT (id) DO UPDATE SET due_at_us = excluded.due_at_us"
        )
    };
}

/// Has it looked, in less than half a minute, whether answers still agree with the schedules from which they were made. To
/// be called after all else that the transaction writes.
///
/// # Errors
/// [`SqlError`], by kind.
pub(in crate::db) async fn order_check(
    tx: &mut Tx,
    whose: Whose<'_>,
    case_id: &CaseId,
) -> Result<(), SqlError> {
    // Looked at here, since the order has to be written soon after.
    let now_us = Timestamp::now().micros();
    let end_us = (now_us / TOGETHER_US + 1) * TOGETHER_US;
    let (insert, who) = match whose {
        Whose::Person(id) => (insert_orders!("people.id = $1"), id),
        Whose::Address(key) => (insert_orders!("people.address_key = $1"), key.as_str()),
        Whose::ParticipantsOf(poll) => (
            insert_orders!(
                "people.address_key IN (SELECT address_key FROM participants WHERE participants.poll_id = $1)"
            ),
            poll.as_str(),
        ),
    };
    let insert = query(insert)
        .bind(who)
        .bind(end_us.to_string())
        .bind(case_id.as_str())
        .bind(end_us + AFTERWARDS_US)
        .bind(now_us);
    tx.execute(insert).await.map(drop)
}
