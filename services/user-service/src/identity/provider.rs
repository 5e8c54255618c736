use std::{
    fmt::Display,
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, SubjectIdentifier, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClientAuthMethod},
};
use service_kit::{Secret, chain};
use tokio::time::timeout;
use url::Url;
use wire::BaseUrl;

use super::{
    attempt::AttemptSecret,
    claims::{ProvenIdentity, Told},
    http::HttpClient,
    metadata::{KnownMetadata, Wanted},
    oidc::{OidcClient, PersonClaims, SIGNED_BY, Token, TokenClaims},
    settings::ProviderSettings,
};

/// How far the provider's clock may be behind or ahead of ours.
pub(super) const SKEW: Duration = Duration::from_secs(60);
/// For all that a browser waits for, however many requests that takes.
const DEADLINE: Duration = Duration::from_secs(8);
/// Longest ID token that is kept for signing out, in bytes: it goes into an address.
const LONGEST_HINT: usize = 4096;

/// One provider of identities.
pub(crate) struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    /// Where it sends browsers back to.
    redirect: RedirectUrl,
    after_logout: PostLogoutRedirectUrl,
    http: HttpClient,
    known: KnownMetadata,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("the provider cannot be asked: {0}")]
    Away(String),
    /// What it says does not hold.
    #[error("{0}")]
    Untrue(String),
}

impl ProviderError {
    fn untrue(error: impl Display) -> ProviderError {
        ProviderError::Untrue(error.to_string())
    }
}

impl Provider {
    /// # Errors
    /// When TLS cannot be set up, or an authority's file is none.
    pub(super) fn new(settings: ProviderSettings, public_url: &BaseUrl) -> anyhow::Result<Provider> {
        let redirect = format!("{public_url}/users/identity-providers/{}/callback", settings.name);
        Ok(Provider {
            issuer: IssuerUrl::new(settings.issuer.clone()).context("OIDC: issuer")?,
            redirect: RedirectUrl::new(redirect).context("PUBLIC_URL")?,
            after_logout: PostLogoutRedirectUrl::new(format!("{public_url}/account"))
                .context("PUBLIC_URL")?,
            http: HttpClient::new(&settings)?,
            known: KnownMetadata::default(),
            settings,
        })
    }

    pub(crate) fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Whether the provider writes its issuer like this.
    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        self.issuer.as_str() == issuer
    }

    /// Where a browser goes to for this attempt.
    ///
    /// # Errors
    /// [`ProviderError::Away`].
    pub(crate) async fn sign_in_url(&self, secret: &AttemptSecret) -> Result<Url, ProviderError> {
        let metadata = within_deadline(self.metadata(Wanted::Usual)).await?;
        let verifier = PkceCodeVerifier::new(secret.code_verifier());
        let client = self.client(&metadata);
        let (state, nonce) = (CsrfToken::new(secret.state()), Nonce::new(secret.nonce()));
        let request =
            client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
        let scopes = self.settings.scopes.iter().map(|scope| Scope::new(scope.clone()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        Ok(request.add_scopes(scopes).set_pkce_challenge(challenge).url().0)
    }

    /// Who came back with this code, by the attempt of this secret.
    ///
    /// # Errors
    /// [`ProviderError`], by kind.
    pub(crate) async fn identity(
        &self,
        secret: &AttemptSecret,
        code: String,
    ) -> Result<ProvenIdentity, ProviderError> {
        within_deadline(self.prove(secret, code)).await
    }

    async fn prove(&self, secret: &AttemptSecret, code: String) -> Result<ProvenIdentity, ProviderError> {
        let metadata = self.metadata(Wanted::Usual).await?;
        let client = self.client(&metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(ProviderError::untrue)?
            .set_pkce_verifier(PkceCodeVerifier::new(secret.code_verifier()));
        let reply = request.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => ProviderError::Away(chain(&error).to_string()),
            // Its text may have anything in it.
            RequestTokenError::ServerResponse(refusal) => {
                ProviderError::Untrue(format!("the provider refuses the code: {}", refusal.error().as_ref()))
            }
            RequestTokenError::Parse(..) => ProviderError::untrue("its reply to the code is none"),
            RequestTokenError::Other(error) => ProviderError::Untrue(error),
        })?;
        let token = reply.id_token().ok_or_else(|| ProviderError::untrue("it sent no ID token"))?;
        let claims = self.verified(&metadata, token, &Nonce::new(secret.nonce())).await?;
        let mut told = told(&claims);
        if !told.is_enough(&self.settings) && client.user_info_url().is_some() {
            let subject = claims.subject().clone();
            told = told.or(self.told_when_asked(&client, reply.access_token().clone(), subject).await?);
        }
        let id_token = token.to_string();
        Ok(ProvenIdentity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: told.proven_email(&self.settings),
            is_administrator: told.is_administrator(&self.settings),
            provider_session: told.other.get("sid").and_then(|sid| sid.as_str()).map(str::to_owned),
            id_token: if id_token.len() <= LONGEST_HINT { id_token } else { String::new() },
        })
    }

    /// What the provider says of somebody when it is asked with their access token.
    async fn told_when_asked(
        &self,
        client: &OidcClient,
        token: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Told, ProviderError> {
        let request = client.user_info(token, Some(subject)).map_err(ProviderError::untrue)?;
        let claims: PersonClaims = request.request_async(&self.http).await.map_err(|error| match error {
            openidconnect::UserInfoError::Request(error) => ProviderError::Away(chain(&error).to_string()),
            _ => ProviderError::untrue("its user information is none, or of somebody else"),
        })?;
        Ok(Told {
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified(),
            other: claims.additional_claims().all.clone(),
        })
    }

    /// The claims of a token that is of this provider, for this client and this attempt.
    async fn verified(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &Token,
        nonce: &Nonce,
    ) -> Result<TokenClaims, ProviderError> {
        let verify = |metadata: &ProviderMetadataWithLogout| {
            let client = self.client(metadata);
            let verifier = client
                .id_token_verifier()
                .set_allowed_algs(SIGNED_BY)
                .set_time_fn(|| (SystemTime::now() - SKEW).into())
                .set_issue_time_verifier_fn(|issued| {
                    let is_past = SystemTime::from(issued) <= SystemTime::now() + SKEW;
                    if is_past { Ok(()) } else { Err("it was issued in the future".to_owned()) }
                });
            token.claims(&verifier, nonce).cloned()
        };
        let claims = match verify(metadata) {
            Err(error) if is_other_key(&error) => {
                let newer = self.metadata(Wanted::OtherKeys).await?;
                verify(&newer)
            }
            verified => verified,
        };
        let claims =
            claims.map_err(|error| ProviderError::Untrue(format!("the ID token: {}", chain(&error))))?;
        // The library leaves these to others; further audiences it refuses itself.
        if !holds_already(&claims) {
            return Err(ProviderError::untrue("the ID token does not hold yet (nbf)"));
        }
        match claims.authorized_party() {
            Some(party) if **party != self.settings.client_id => {
                Err(ProviderError::untrue("the ID token is for another client (azp)"))
            }
            _ => Ok(claims),
        }
    }

    /// Where a browser goes to end the session at the provider, too; nothing where the provider has no such place, or cannot be
    /// asked for it.
    pub(crate) async fn sign_out_url(&self, id_token: &str) -> Option<Url> {
        let metadata = within_deadline(self.metadata(Wanted::Usual)).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(self.after_logout.clone());
        Some(match Token::from_str(id_token) {
            Ok(token) => request.set_id_token_hint(&token).http_get_url(),
            Err(_) => request.http_get_url(),
        })
    }

    pub(super) async fn metadata(
        &self,
        wanted: Wanted,
    ) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        let known = self.known.get(&self.issuer, &self.http, wanted).await;
        known.ok_or_else(|| ProviderError::Away("nothing is known of it".to_owned()))
    }

    pub(super) fn client(&self, metadata: &ProviderMetadataWithLogout) -> OidcClient {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.as_ref().map(Secret::expose);
        let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        let methods = metadata.token_endpoint_auth_methods_supported();
        // Without another word it is the first of these.
        let takes_basic =
            methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        OidcClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_auth_type(auth)
            .set_redirect_uri(self.redirect.clone())
    }
}

/// # Errors
/// That of the question, or that the time is over.
pub(super) async fn within_deadline<T>(
    asked: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let late = |_| ProviderError::Away(format!("it took longer than {DEADLINE:?}"));
    timeout(DEADLINE, asked).await.unwrap_or_else(|elapsed| Err(late(elapsed)))
}

/// Whether the token may be of a key that has come since the keys were read.
pub(super) fn is_other_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, NoMatchingKey};
    matches!(error, ClaimsVerificationError::SignatureVerification(NoMatchingKey | AmbiguousKeyId(_)))
}

/// Whether a token may be taken by now. Most say nothing of it (`nbf`).
pub(super) fn holds_already(claims: &TokenClaims) -> bool {
    let limit = (SystemTime::now() + SKEW).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let begin = claims.additional_claims().all.get("nbf");
    begin.is_none_or(|begin| begin.as_f64().is_some_and(|begin| begin <= limit))
}

fn told(claims: &TokenClaims) -> Told {
    Told {
        email: claims.email().map(|email| email.to_string()),
        email_verified: claims.email_verified(),
        other: claims.additional_claims().all.clone(),
    }
}
