//! Attempts to sign in by a provider of identities, and whose account an identity is.

use sql_store::{Session, SqlError};
use sqlx::{Row, query};
use wire::{Email, Timestamp};

use super::{
    Accounts, NewAccessToken,
    accounts::{account_of, add_token},
};
use crate::{
    identity::{ProvenEmail, ProvenIdentity, ReturnPath},
    polls::TokenHash,
};

/// An attempt that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAttempt {
    /// The name of the provider.
    pub(crate) provider: String,
    pub(crate) return_path: ReturnPath,
}

impl Accounts {
    /// Keeps an attempt until it ends.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn add_attempt(
        &self,
        secret: &TokenHash,
        attempt: &StoredAttempt,
        end: Timestamp,
    ) -> Result<(), SqlError> {
        let insert = query(
            "INSERT INTO sign_in_attempts (secret_hash, provider, return_path, expires_at_us) VALUES ($1, $2, $3, $4)",
        );
        let insert = insert
            .bind(secret.as_str())
            .bind(attempt.provider.as_str())
            .bind(attempt.return_path.as_str())
            .bind(end.micros());
        self.0.writer().await?.execute(insert).await.map(drop)
    }

    /// Uses up the attempt of this secret, if there is one that has not ended.
    ///
    /// # Errors
    /// [`SqlError`], by kind; the attempt may be used up then.
    pub(crate) async fn take_attempt(
        &self,
        secret: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<StoredAttempt>, SqlError> {
        let delete = query(
            "DELETE FROM sign_in_attempts WHERE secret_hash = $1 AND expires_at_us > $2 RETURNING provider, return_path",
        );
        let delete = delete.bind(secret.as_str()).bind(now.micros());
        let Some(row) = self.0.writer().await?.fetch_optional(delete).await? else { return Ok(None) };
        let return_path = ReturnPath::parse(&row.try_get::<String, _>("return_path")?);
        Ok(Some(StoredAttempt {
            provider: row.try_get("provider")?,
            return_path: return_path.unwrap_or_else(ReturnPath::account),
        }))
    }

    /// Forgets attempts that have ended.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn forget_attempts(&self, now: Timestamp) -> Result<(), SqlError> {
        let delete = query("DELETE FROM sign_in_attempts WHERE expires_at_us <= $1").bind(now.micros());
        self.0.writer().await?.execute(delete).await.map(drop)
    }

    /// Keeps a session of the account whose identity this is, and makes the account by the address that the provider has
    /// proven where there is none; the id of the account, if there is one now.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn start_provider_session(
        &self,
        identity: &ProvenIdentity,
        session: &NewAccessToken,
    ) -> Result<Option<String>, SqlError> {
        let mut tx = self.0.begin().await?;
        let account = match known_account(&mut tx, identity).await? {
            Some(account) => account,
            None => match &identity.email {
                ProvenEmail::Proven(email) => {
                    new_identity(&mut tx, identity, email, session.created_at).await?
                }
                ProvenEmail::Unverified | ProvenEmail::None => {
                    tx.rollback().await?;
                    return Ok(None);
                }
            },
        };
        if let Some(token) = add_token(&mut tx, &account, session).await? {
            let insert = query(
                "INSERT INTO provider_sessions \
                 (token_id, issuer, subject, provider_session, id_token, is_administrator) VALUES ($1, $2, $3, $4, $5, $6)",
            );
            let insert = insert
                .bind(token)
                .bind(identity.issuer.as_str())
                .bind(identity.subject.as_str())
                .bind(identity.provider_session.as_deref())
                .bind(identity.id_token.as_str())
                .bind(i64::from(identity.is_administrator));
            tx.execute(insert).await?;
        }
        tx.commit().await?;
        Ok(Some(account))
    }
}

async fn known_account(session: &mut Session, identity: &ProvenIdentity) -> Result<Option<String>, SqlError> {
    let select = query("SELECT account_id FROM identities WHERE issuer = $1 AND subject = $2");
    let select = select.bind(identity.issuer.as_str()).bind(identity.subject.as_str());
    let row = session.fetch_optional(select).await?;
    Ok(row.map(|row| row.try_get("account_id")).transpose()?)
}

/// The account of this address, whose identity it is from now on; of the same at the same time the first one holds.
async fn new_identity(
    session: &mut Session,
    identity: &ProvenIdentity,
    email: &Email,
    now: Timestamp,
) -> Result<String, SqlError> {
    let account = account_of(session, email, now).await?;
    // The update changes nothing and has the row returned.
    let insert = query(
        "INSERT INTO identities (issuer, subject, account_id, created_at_us) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (issuer, subject) DO UPDATE SET subject = excluded.subject RETURNING account_id",
    );
    let insert = insert
        .bind(identity.issuer.as_str())
        .bind(identity.subject.as_str())
        .bind(account)
        .bind(now.micros());
    let row = session.fetch_optional(insert).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.try_get("account_id")?)
}
