use std::{
    str::FromStr,
    time::{Duration, SystemTime},
};

use openidconnect::{ClaimsVerificationError, JsonWebTokenType, Nonce, ProviderMetadataWithLogout};
use serde_json::Value;

use super::{
    metadata::Wanted,
    oidc::{SIGNED_BY, Token, TokenClaims},
    provider::{Provider, ProviderError, SKEW, holds_already, is_other_key, within_deadline},
};

/// By which a token is one that ends sessions.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// For so long such a token is taken.
const LIFE: Duration = Duration::from_secs(5 * 60);
/// What such tokens call themselves.
const TYPES: [&str; 2] = ["JWT", "logout+jwt"];

/// Whose sessions a provider has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedSessions {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// One of them; without it all of that person.
    pub(crate) provider_session: Option<String>,
}

impl Provider {
    /// Whose sessions are to end, by the token that the provider sends for that (OpenID Connect Back-Channel Logout). Of such
    /// tokens only those with a subject are taken.
    ///
    /// # Errors
    /// [`ProviderError`], by kind.
    pub(crate) async fn ended_sessions(&self, token: &str) -> Result<EndedSessions, ProviderError> {
        within_deadline(self.read(token)).await
    }

    async fn read(&self, token: &str) -> Result<EndedSessions, ProviderError> {
        let wrong = |what: &str| ProviderError::Untrue(format!("the logout token {what}"));
        let token = Token::from_str(token).map_err(|_| wrong("is none"))?;
        let metadata = self.metadata(Wanted::Usual).await?;
        let claims = match self.claims_of(&metadata, &token) {
            Err(error) if is_other_key(&error) => {
                self.claims_of(&*self.metadata(Wanted::OtherKeys).await?, &token)
            }
            read => read,
        };
        let claims = claims.map_err(|_| wrong("is not of this provider, not for this client, or too old"))?;
        if !holds_already(&claims) {
            return Err(wrong("does not hold yet"));
        }
        let other = &claims.additional_claims().all;
        let is_logout =
            other.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
        if !is_logout {
            return Err(wrong("ends no session"));
        }
        Ok(EndedSessions {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            provider_session: other.get("sid").and_then(Value::as_str).map(str::to_owned),
        })
    }

    fn claims_of(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &Token,
    ) -> Result<TokenClaims, ClaimsVerificationError> {
        let client = self.client(metadata);
        let types =
            TYPES.iter().filter_map(|name| JsonWebTokenType::new((*name).to_owned()).normalize().ok());
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNED_BY)
            .set_allowed_jose_types(types)
            .set_time_fn(|| (SystemTime::now() - SKEW).into())
            .set_issue_time_verifier_fn(|issued| {
                let (now, issued) = (SystemTime::now(), SystemTime::from(issued));
                let holds = issued <= now + SKEW && issued + LIFE >= now;
                if holds { Ok(()) } else { Err("it is too old, or of the future".to_owned()) }
            });
        // An ID token has a nonce, and is none of these.
        let without_nonce =
            |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("it has a nonce".to_owned()));
        token.claims(&verifier, without_nonce).cloned()
    }
}
