//! Signing in by providers of identities that speak OpenID Connect: their settings, what is asked of them, and what they say.
//!
//! Nothing here knows sessions or tables. Tokens are checked by the crate `openidconnect`; when keys are read anew, which clocks
//! are taken, and what is believed of what a provider says, is decided here.

mod attempt;
mod claims;
mod http;
mod logout_token;
mod metadata;
mod oidc;
mod provider;
mod return_path;
mod settings;
#[cfg(test)]
mod tests;

pub(crate) use attempt::AttemptSecret;
pub(crate) use claims::{ProvenEmail, ProvenIdentity};
pub(crate) use logout_token::EndedSessions;
pub(crate) use provider::{Provider, ProviderError};
pub(crate) use return_path::ReturnPath;
pub use settings::ProviderList;

use std::sync::Arc;

use wire::BaseUrl;

/// All providers by which people sign in.
#[derive(Clone, Default)]
pub(crate) struct Providers(Arc<[Provider]>);

impl Providers {
    /// # Errors
    /// When TLS cannot be set up, or an authority's file is none.
    pub(crate) fn new(list: &ProviderList, public_url: &BaseUrl) -> anyhow::Result<Providers> {
        list.iter()
            .map(|settings| Provider::new(settings.clone(), public_url))
            .collect::<Result<_, _>>()
            .map(Providers)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings().name == name)
    }

    pub(crate) fn by_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings().issuer == issuer)
    }
}
