//! Links to sign in with.

use std::time::Duration;

use serde_json::json;
use sql_store::{Engine, SqlError};
use sqlx::{Row, query};
use uuid::Uuid;
use wire::{CaseId, Email, Language, MailOutcome, MailState, Timestamp};

use super::{
    Accounts, JobOrder, NewAccessToken,
    accounts::{account_of, add_token},
    columns::text,
};
use crate::{
    key::Key,
    polls::{Token, TokenHash},
};

/// A link to sign in with, as its mail says it.
#[derive(Clone, Debug)]
pub(crate) struct StoredSignIn {
    pub(crate) email: String,
    /// None once the mail has gone out.
    pub(crate) token: Option<String>,
    pub(crate) language: Language,
    pub(crate) mail_state: MailState,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Accounts {
    /// Links of an address that hold at the same time.
    pub(crate) const MOST_SIGN_INS: i64 = 5;

    /// Forgets links that hold no longer.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn forget_sign_ins(&self, now: Timestamp) -> Result<(), SqlError> {
        let delete = query("DELETE FROM sign_ins WHERE expires_at_us <= $1").bind(now.micros());
        self.0.writer().await?.execute(delete).await.map(drop)
    }

    /// Orders a mail with a link that holds for so long; whether it is not one too many for its address.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn order_sign_in(
        &self,
        email: &Email,
        language: Language,
        life: Duration,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        let (key, token, id) = (Key::from(email), Token::fresh(), Uuid::now_v7().to_string());
        let mut tx = self.0.begin().await?;
        if self.0.engine() == Engine::Postgres {
            // Of orders for one address at the same time each counts those before it.
            let lock = query("SELECT pg_advisory_xact_lock(hashtextextended('sign-in/' || $1, 0))");
            tx.execute(lock.bind(key.as_str())).await?;
        }
        let insert = query(
            "INSERT INTO sign_ins \
             (id, email, email_key, token_hash, token, language, mail_state, created_at_us, expires_at_us) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
             WHERE (SELECT COUNT(*) FROM sign_ins WHERE email_key = $3 AND expires_at_us > $8) < $10",
        );
        let insert = insert
            .bind(id.as_str())
            .bind(email.as_str())
            .bind(key.as_str())
            .bind(token.hash().as_str().to_owned())
            .bind(token.expose().to_owned())
            .bind(language.tag())
            .bind(MailState::Waiting.name())
            .bind(now.micros())
            .bind(now.plus(life).micros())
            .bind(Self::MOST_SIGN_INS);
        let is_new = tx.execute(insert).await? > 0;
        if is_new {
            let order = JobOrder {
                payload: json!({"mail": id}),
                id: format!("sign-in/{id}"),
                kind: "sign-in-mail",
                case_id: case_id.to_string(),
                due: now,
            };
            order.insert(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(is_new)
    }

    /// A link by its id.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn sign_in(&self, id: &str) -> Result<Option<StoredSignIn>, SqlError> {
        let select = query(
            "SELECT email, token, language, mail_state, created_at_us, expires_at_us FROM sign_ins WHERE id = $1",
        );
        let Some(row) = self.0.reader().await?.fetch_optional(select.bind(id)).await? else {
            return Ok(None);
        };
        let instant = |name: &str| -> Result<Timestamp, SqlError> {
            Ok(Timestamp::from_micros(row.try_get(name)?).unwrap_or_else(Timestamp::now))
        };
        Ok(Some(StoredSignIn {
            email: row.try_get("email")?,
            token: row.try_get("token")?,
            language: text(&row.try_get::<String, _>("language")?)?,
            mail_state: MailState::from_name(&row.try_get::<String, _>("mail_state")?)
                .unwrap_or(MailState::Failed),
            created_at: instant("created_at_us")?,
            expires_at: instant("expires_at_us")?,
        }))
    }

    /// Notes what became of the mail of a link; whether there is such a link.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn end_sign_in_mail(&self, id: &str, outcome: &MailOutcome) -> Result<bool, SqlError> {
        let state = match outcome {
            MailOutcome::Sent => MailState::Sent,
            MailOutcome::Failed { .. } => MailState::Failed,
        };
        let update = query("UPDATE sign_ins SET mail_state = $2, token = NULL WHERE id = $1");
        Ok(self.0.writer().await?.execute(update.bind(id).bind(state.name())).await? > 0)
    }

    /// Uses up the link with this token, which has to be of this address, and keeps a session of its account in return; the id of
    /// the account, if there is such a link.
    ///
    /// # Errors
    /// [`SqlError`], by kind; the link can be used again then, unless nobody knows whether this came about.
    pub(crate) async fn start_session(
        &self,
        link: &TokenHash,
        email: &Email,
        session: &NewAccessToken,
    ) -> Result<Option<String>, SqlError> {
        let now = session.created_at;
        let mut tx = self.0.begin().await?;
        let delete =
            query("DELETE FROM sign_ins WHERE token_hash = $1 AND email_key = $2 AND expires_at_us > $3");
        let delete = delete.bind(link.as_str()).bind(Key::from(email).as_str().to_owned()).bind(now.micros());
        if tx.execute(delete).await? == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let account = account_of(&mut tx, email, now).await?;
        add_token(&mut tx, &account, session).await?;
        tx.commit().await?;
        Ok(Some(account))
    }
}
