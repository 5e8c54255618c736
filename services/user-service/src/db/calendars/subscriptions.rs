use calendar_fetch::CalendarUrl;
use serde_json::json;
use sql_store::{SqlError, Tx};
use sqlx::{Row, query};
use wire::{CalendarEntry, CaseId, Timestamp};

use super::{
    Imported,
    import::{lock_person, replace},
};
use crate::{
    db::{
        JobOrder, People,
        columns::instant,
        conflicts::{Whose, order_check},
    },
    key::Key,
    polls::PublicId,
};

/// A calendar that is to be fetched from where it is.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) url: CalendarUrl,
    /// Whether an invitation that the person has not answered makes them busy.
    pub(crate) unanswered_is_busy: bool,
}

/// What is known of a subscription. It has no `Debug`: its URL is a secret.
pub(crate) struct StoredSubscription {
    pub(crate) url: String,
    pub(crate) unanswered_is_busy: bool,
    /// What stands for the content that is known, by the server and by its SHA-256.
    pub(crate) etag: Option<String>,
    pub(crate) content_hash: Option<String>,
    pub(crate) fetch_number: i64,
    /// When what is known of it came in.
    pub(crate) imported_at: jiff::Timestamp,
    /// Whose it is.
    pub(crate) owner: Key,
}

impl People {
    /// Puts a calendar to be fetched in the place of the person's one of that name, and orders that it is fetched. One from
    /// the same URL keeps what is known of it.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nobody can say whether it is subscribed to.
    pub(crate) async fn subscribe(
        &self,
        key: &Key,
        entry: &CalendarEntry,
        subscription: &Subscription,
        case_id: &CaseId,
    ) -> Result<Imported, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db().begin().await?;
        let Some(person) = lock_person(&mut tx, key).await? else {
            tx.rollback().await?;
            return Ok(Imported::UnknownPerson);
        };
        let now = entry.imported_at;
        let known = again(&mut tx, &person, entry, subscription).await?;
        // What the calendar of that name said before goes.
        let is_other = known.is_none();
        let (id, fetch_number) = match known {
            Some(known) => known,
            None => {
                if !replace(&mut tx, &person, entry).await? {
                    tx.rollback().await?;
                    return Ok(Imported::TooMany);
                }
                insert(&mut tx, &person, entry, subscription).await?
            }
        };
        refresh_order(&id, fetch_number, now, case_id).insert(&mut tx).await?;
        if is_other {
            order_check(&mut tx, Whose::Person(&person), case_id).await?;
        }
        tx.commit().await?;
        Ok(Imported::Stored)
    }

    /// A subscription, unless it has ended.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn subscription(&self, id: &PublicId) -> Result<Option<StoredSubscription>, SqlError> {
        let select = query(
            "SELECT calendar_subscriptions.url, calendar_subscriptions.unanswered_is_busy, \
             calendar_subscriptions.etag, calendar_subscriptions.content_hash, calendar_subscriptions.turn, \
             calendars.imported_at_us, people.address_key FROM calendar_subscriptions \
             JOIN calendars ON calendars.person_id = calendar_subscriptions.person_id \
             AND calendars.name = calendar_subscriptions.name \
             JOIN people ON people.id = calendar_subscriptions.person_id \
             WHERE calendar_subscriptions.id = $1",
        );
        let row = self.db().reader().await?.fetch_optional(select.bind(id.as_str())).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(StoredSubscription {
            url: row.try_get("url")?,
            unanswered_is_busy: row.try_get::<i64, _>("unanswered_is_busy")? != 0,
            etag: row.try_get("etag")?,
            content_hash: row.try_get("content_hash")?,
            fetch_number: row.try_get("turn")?,
            imported_at: instant(row.try_get("imported_at_us")?)?,
            owner: Key::stored(row.try_get("address_key")?),
        }))
    }
}

/// What worker-service is to do: fetch a calendar once. It names the subscription, and not its secret URL.
pub(super) fn refresh_order(id: &str, fetch_number: i64, due: Timestamp, case_id: &CaseId) -> JobOrder {
    JobOrder {
        id: format!("refresh-calendar/{id}/{fetch_number}"),
        kind: "refresh-calendar",
        payload: json!({"subscription": id, "turn": fetch_number}),
        case_id: case_id.to_string(),
        due,
    }
}

/// The same subscription as before with its next fetch, which begins at once; what an earlier one still brings is void.
async fn again(
    tx: &mut Tx,
    person: &str,
    entry: &CalendarEntry,
    subscription: &Subscription,
) -> Result<Option<(String, i64)>, SqlError> {
    let update = query(
        "UPDATE calendar_subscriptions SET turn = turn + 1, due_at_us = $5 \
         WHERE person_id = $1 AND name = $2 AND url = $3 AND unanswered_is_busy = $4 RETURNING id, turn",
    )
    .bind(person)
    .bind(entry.name.as_str())
    .bind(subscription.url.expose())
    .bind(i64::from(subscription.unanswered_is_busy))
    .bind(entry.imported_at.micros());
    let Some(row) = tx.fetch_optional(update).await? else { return Ok(None) };
    Ok(Some((row.try_get("id")?, row.try_get("turn")?)))
}

async fn insert(
    tx: &mut Tx,
    person: &str,
    entry: &CalendarEntry,
    subscription: &Subscription,
) -> Result<(String, i64), SqlError> {
    let (id, fetch_number) = (PublicId::fresh(), 1);
    let insert = query(
        "INSERT INTO calendar_subscriptions \
         (id, person_id, name, url, unanswered_is_busy, turn, due_at_us, failures) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
    )
    .bind(id.as_str())
    .bind(person)
    .bind(entry.name.as_str())
    .bind(subscription.url.expose())
    .bind(i64::from(subscription.unanswered_is_busy))
    .bind(fetch_number)
    .bind(entry.imported_at.micros());
    tx.execute(insert).await?;
    Ok((id.to_string(), fetch_number))
}
