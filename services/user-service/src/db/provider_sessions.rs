//! Sessions that began at a provider of identities, and end with those there.

use sql_store::SqlError;
use sqlx::{Row, query};

use super::Accounts;
use crate::identity::EndedSessions;

/// What is known of the provider's own session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredProviderSession {
    pub(crate) issuer: String,
    pub(crate) id_token: String,
}

impl Accounts {
    /// The session at the provider that belongs to this session, if it began at one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn provider_session(
        &self,
        token_id: &str,
    ) -> Result<Option<StoredProviderSession>, SqlError> {
        let select =
            query("SELECT issuer, id_token FROM provider_sessions WHERE token_id = $1").bind(token_id);
        let Some(row) = self.0.reader().await?.fetch_optional(select).await? else { return Ok(None) };
        Ok(Some(StoredProviderSession { issuer: row.try_get("issuer")?, id_token: row.try_get("id_token")? }))
    }

    /// Ends the sessions that belong to those that a provider has ended; the hashes of their tokens.
    ///
    /// # Errors
    /// [`SqlError`], by kind; they may have ended then.
    pub(crate) async fn end_provider_sessions(&self, ended: &EndedSessions) -> Result<Vec<String>, SqlError> {
        // Who has not said which session they have may have the one that ended.
        let delete = query(
            "DELETE FROM access_tokens WHERE id IN (SELECT token_id FROM provider_sessions \
             WHERE issuer = $1 AND subject = $2 \
             AND (CAST($3 AS TEXT) IS NULL OR provider_session IS NULL OR provider_session = $3)) \
             RETURNING token_hash",
        );
        let delete = delete
            .bind(ended.issuer.as_str())
            .bind(ended.subject.as_str())
            .bind(ended.provider_session.as_deref());
        let rows = self.0.writer().await?.fetch_all(delete).await?;
        rows.iter().map(|row| Ok(row.try_get("token_hash")?)).collect()
    }
}
