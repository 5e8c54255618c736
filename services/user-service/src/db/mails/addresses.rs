use std::{collections::HashMap, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sql_store::{Placeholders, Session, SqlError};
use sqlx::{AssertSqlSafe, Row, query};
use wire::Timestamp;

use super::Mails;
use crate::{db::PollChange, key::Key, polls::Token};

/// Addresses that one statement asks about.
const BATCH: usize = 256;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why an address is not written to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// Whoever has it wants no mails.
    Unsubscribed,
    /// Its server refuses it.
    Bounced,
}

impl Block {
    pub(super) fn name(self) -> &'static str {
        match self {
            Block::Unsubscribed => "unsubscribed",
            Block::Bounced => "bounced",
        }
    }

    pub(super) fn from_name(name: &str) -> Block {
        if name == Block::Bounced.name() { Block::Bounced } else { Block::Unsubscribed }
    }
}

/// What is known of an address to which a mail is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) block: Option<Block>,
    /// Mails to it within the last day.
    pub(crate) mails_today: i64,
}

impl Recipient {
    /// Whether they have got as many mails as anybody gets in a day.
    pub(crate) fn has_enough(&self) -> bool {
        self.mails_today >= Mails::PER_DAY
    }
}

/// Under which an address is kept that was written to.
pub(in crate::db) fn address_hash(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(key))
}

impl PollChange {
    /// What is known of these addresses.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn recipients(
        &mut self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<HashMap<Key, Recipient>, SqlError> {
        recipients(&mut self.tx, keys, now).await
    }
}

/// What is known of these addresses; of those that are not in the reply it is nothing.
pub(super) async fn recipients(
    session: &mut Session,
    keys: &[Key],
    now: Timestamp,
) -> Result<HashMap<Key, Recipient>, SqlError> {
    let mut found: HashMap<Key, Recipient> = HashMap::new();
    for batch in keys.chunks(BATCH) {
        let hashes: Vec<String> = batch.iter().map(|key| address_hash(key.as_str())).collect();
        let by_hash: HashMap<&str, &Key> = hashes.iter().map(String::as_str).zip(batch).collect();
        let list = Placeholders::new(1, hashes.len());
        let select = query(AssertSqlSafe(format!(
            "SELECT address_hash, blocked FROM mail_addresses WHERE blocked IS NOT NULL AND address_hash IN ({list})"
        )));
        let select = list.pad(&hashes).fold(select, |select, hash| select.bind(hash));
        for row in session.fetch_all(select).await? {
            let hash: String = row.try_get("address_hash")?;
            if let Some(key) = by_hash.get(hash.as_str()) {
                let blocked = row.try_get::<String, _>("blocked")?;
                found.entry((*key).clone()).or_default().block = Some(Block::from_name(&blocked));
            }
        }
        let list = Placeholders::new(2, batch.len());
        // The sum keeps away from an index by which all mails of the day might be read.
        let select = query(AssertSqlSafe(format!(
            "SELECT address_key, COUNT(*) AS mails FROM mails \
             WHERE created_at_us + 0 > $1 AND address_key IN ({list}) GROUP BY address_key"
        )));
        let select = select.bind(now.minus(DAY).micros());
        let select = list.pad(batch).fold(select, |select, key| select.bind(key.as_str()));
        for row in session.fetch_all(select).await? {
            let key = Key::stored(&row.try_get::<String, _>("address_key")?);
            found.entry(key).or_default().mails_today = row.try_get("mails")?;
        }
    }
    Ok(found)
}

/// Makes sure that each of these addresses has a token to unsubscribe with.
pub(super) async fn note_addresses(session: &mut Session, keys: &[&str]) -> Result<(), SqlError> {
    for batch in keys.chunks(BATCH) {
        let rows: Vec<(String, String)> =
            batch.iter().map(|key| (address_hash(key), Token::fresh().expose().to_owned())).collect();
        let list = Placeholders::new(1, rows.len());
        let insert = query(AssertSqlSafe(format!(
            "INSERT INTO mail_addresses (address_hash, unsubscribe_token) VALUES {} ON CONFLICT DO NOTHING",
            list.rows(2)
        )));
        let insert = list.pad(&rows).fold(insert, |insert, (hash, token)| insert.bind(hash).bind(token));
        session.execute(insert).await?;
    }
    Ok(())
}

impl Mails {
    /// Writes no more to the address of this token; whether there is one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn unsubscribe(&self, token: &str, now: Timestamp) -> Result<bool, SqlError> {
        let update =
            query("UPDATE mail_addresses SET blocked = $2, blocked_at_us = $3 WHERE unsubscribe_token = $1");
        let update = update.bind(token).bind(Block::Unsubscribed.name()).bind(now.micros());
        Ok(self.db.writer().await?.execute(update).await? > 0)
    }
}
