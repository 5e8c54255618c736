//! Accounts and their access tokens.

use sql_store::{Db, Session, SqlError};
use sqlx::{Row, any::AnyRow, query};
use uuid::Uuid;
use wire::{Account, Email, Timestamp};

use crate::key::Key;

/// Microseconds of a day.
const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// Tokens that one statement deletes.
const AT_ONCE: i64 = 500;

pub(super) const BY_TOKEN: &str = "SELECT accounts.id, accounts.email, access_tokens.id AS token_id, access_tokens.may_write, \
     access_tokens.expires_at_us, access_tokens.last_used_day, provider_sessions.is_administrator FROM access_tokens \
     JOIN accounts ON accounts.id = access_tokens.account_id \
     LEFT JOIN provider_sessions ON provider_sessions.token_id = access_tokens.id \
     WHERE access_tokens.token_hash = $1 AND access_tokens.expires_at_us > $2";
pub(super) const TOKENS: &str = "SELECT id, name, may_write, created_at_us, expires_at_us, last_used_day FROM access_tokens \
     WHERE account_id = $1 AND is_session = $3 AND expires_at_us > $2 \
     ORDER BY created_at_us DESC, id DESC";
pub(super) const FORGET_ENDED: &str = "DELETE FROM access_tokens WHERE id IN \
     (SELECT id FROM access_tokens WHERE expires_at_us <= $1 ORDER BY expires_at_us LIMIT $2)";

/// All accounts in the database.
#[derive(Clone, Debug)]
pub(crate) struct Accounts(pub(super) Db);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenUse {
    /// Somebody's program sends it.
    Program,
    /// A browser is signed in by it.
    Session,
}

impl TokenUse {
    fn is_session(self) -> i64 {
        i64::from(self == TokenUse::Session)
    }
}

/// A token to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewAccessToken {
    pub(crate) hash: String,
    pub(crate) used_as: TokenUse,
    pub(crate) name: String,
    pub(crate) may_write: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A token as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAccessToken {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) may_write: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The day of its last use, as the instant when that day began.
    pub(crate) last_used: Option<Timestamp>,
}

impl Accounts {
    /// Most tokens of one account; those that have ended count no more.
    pub(crate) const MOST_TOKENS: i64 = 50;

    pub(crate) fn new(db: Db) -> Accounts {
        Accounts(db)
    }

    /// The id of the account of this address, which is made where there is none.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn of(&self, email: &Email, now: Timestamp) -> Result<String, SqlError> {
        account_of(&mut self.0.writer().await?, email, now).await
    }

    /// Keeps a token of an account; its id, or nothing when the account has as many as it may have.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn add_token(
        &self,
        account: &str,
        new: &NewAccessToken,
    ) -> Result<Option<String>, SqlError> {
        let mut tx = self.0.begin().await?;
        let added = add_token(&mut tx, account, new).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// The tokens of an account for this use that have not ended, the newest first.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn tokens(
        &self,
        account: &str,
        used_as: TokenUse,
        now: Timestamp,
    ) -> Result<Vec<StoredAccessToken>, SqlError> {
        let select = query(TOKENS).bind(account).bind(now.micros()).bind(used_as.is_session());
        let rows = self.0.reader().await?.fetch_all(select).await?;
        rows.iter().map(token).collect()
    }

    /// Takes a token of an account away; its hash, if there was such a token.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nobody can say whether it holds.
    pub(crate) async fn remove_token(
        &self,
        account: &str,
        used_as: TokenUse,
        id: &str,
    ) -> Result<Option<String>, SqlError> {
        let delete = query(
            "DELETE FROM access_tokens WHERE account_id = $1 AND id = $2 AND is_session = $3 RETURNING token_hash",
        );
        let delete = delete.bind(account).bind(id).bind(used_as.is_session());
        let row = self.0.writer().await?.fetch_optional(delete).await?;
        Ok(row.map(|row| row.try_get("token_hash")).transpose()?)
    }

    /// Deletes tokens and sessions that have ended, with what their providers have said of them.
    ///
    /// # Errors
    /// [`SqlError`], by kind; some may be deleted then.
    pub(crate) async fn forget_ended_tokens(&self, now: Timestamp) -> Result<(), SqlError> {
        loop {
            let delete = query(FORGET_ENDED).bind(now.micros()).bind(AT_ONCE);
            // Others may write between one statement and the next.
            if self.0.writer().await?.execute(delete).await? < AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }

    /// Whose token this is, which is noted as used today. By it they are an administrator if a provider has said so
    /// of the session; what the settings say of addresses is not looked at.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn by_token(&self, hash: &str, now: Timestamp) -> Result<Option<Account>, SqlError> {
        let select = query(BY_TOKEN).bind(hash).bind(now.micros());
        let row = self.0.reader().await?.fetch_optional(select).await?;
        let Some(row) = row else { return Ok(None) };
        let today = now.micros().div_euclid(DAY_US);
        if row.try_get::<Option<i64>, _>("last_used_day")? != Some(today) {
            let update = query("UPDATE access_tokens SET last_used_day = $2 WHERE token_hash = $1");
            self.0.writer().await?.execute(update.bind(hash).bind(today)).await?;
        }
        Ok(Some(Account {
            id: row.try_get("id")?,
            token_id: Some(row.try_get("token_id")?),
            email: Some(row.try_get("email")?),
            is_administrator: row.try_get::<Option<i64>, _>("is_administrator")?.is_some_and(|is| is != 0),
            may_write: row.try_get::<i64, _>("may_write")? != 0,
            expires_at: Some(instant(row.try_get("expires_at_us")?)),
        }))
    }
}

/// The id of the account of this address, which is made where there is none.
pub(super) async fn account_of(
    session: &mut Session,
    email: &Email,
    now: Timestamp,
) -> Result<String, SqlError> {
    // The update changes nothing and has the row returned.
    let insert = query(
        "INSERT INTO accounts (id, email, email_key, created_at_us) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key RETURNING id",
    );
    let key = Key::from(email);
    let insert =
        insert.bind(Uuid::now_v7().to_string()).bind(email.as_str()).bind(key.as_str()).bind(now.micros());
    let row = session.fetch_optional(insert).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.try_get("id")?)
}

/// Keeps a token of an account; its id, or nothing when the account has as many as it may have. Of sessions the oldest end
/// instead.
pub(super) async fn add_token(
    session: &mut Session,
    account: &str,
    new: &NewAccessToken,
) -> Result<Option<String>, SqlError> {
    let now = new.created_at.micros();
    let delete = query("DELETE FROM access_tokens WHERE account_id = $1 AND expires_at_us <= $2");
    session.execute(delete.bind(account).bind(now)).await?;
    if new.used_as == TokenUse::Session {
        let delete = query(
            "DELETE FROM access_tokens WHERE account_id = $1 AND is_session = 1 AND id NOT IN ( \
                SELECT id FROM access_tokens WHERE account_id = $1 AND is_session = 1 \
                ORDER BY created_at_us DESC, id DESC LIMIT $2)",
        );
        session.execute(delete.bind(account).bind(Accounts::MOST_TOKENS - 1)).await?;
    }
    let insert = query(
        "INSERT INTO access_tokens \
         (id, account_id, token_hash, name, may_write, created_at_us, expires_at_us, is_session) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $9 \
         WHERE (SELECT COUNT(*) FROM access_tokens WHERE account_id = $2 AND is_session = $9) < $8 RETURNING id",
    );
    let insert = insert
        .bind(Uuid::now_v7().to_string())
        .bind(account)
        .bind(new.hash.as_str())
        .bind(new.name.as_str())
        .bind(i64::from(new.may_write))
        .bind(now)
        .bind(new.expires_at.micros())
        .bind(Accounts::MOST_TOKENS)
        .bind(new.used_as.is_session());
    let row = session.fetch_optional(insert).await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

fn token(row: &AnyRow) -> Result<StoredAccessToken, SqlError> {
    Ok(StoredAccessToken {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        may_write: row.try_get::<i64, _>("may_write")? != 0,
        created_at: instant(row.try_get("created_at_us")?),
        expires_at: instant(row.try_get("expires_at_us")?),
        last_used: row.try_get::<Option<i64>, _>("last_used_day")?.map(|day| instant(day * DAY_US)),
    })
}

/// What is stored is an instant that there was; of any other the token has ended.
fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap_or_else(Timestamp::now)
}
