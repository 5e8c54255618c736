use std::{sync::Arc, time::Duration};

use openidconnect::{DiscoveryError, IssuerUrl, ProviderMetadataWithLogout};
use service_kit::chain;
use tokio::{sync::Mutex, time::Instant};
use tracing::warn;

use super::http::{HttpClient, HttpError};

/// After so long what a provider says of itself, and its keys, are read anew.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// For so long they are taken while it cannot be asked.
const LASTING: Duration = Duration::from_secs(24 * 60 * 60);
/// Not sooner than after this they are read anew for a key that nobody knows.
const COOL_DOWN: Duration = Duration::from_secs(10);
/// Nor sooner than this after they could not be read.
const RETRY: Duration = Duration::from_secs(3);

/// What a provider says of itself, with its keys, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct KnownMetadata(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    metadata: Option<(Instant, Arc<ProviderMetadataWithLogout>)>,
    failed: Option<Instant>,
}

/// What is wanted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Usual,
    /// A key that what is known does not have.
    OtherKeys,
}

/// Whether it is read anew, by how long ago it was read and how long ago that has failed.
fn is_due(wanted: Wanted, age: Option<Duration>, failed: Option<Duration>) -> bool {
    if failed.is_some_and(|ago| ago < RETRY) {
        return false;
    }
    match (wanted, age) {
        (_, None) => true,
        (Wanted::Usual, Some(age)) => age >= FRESH,
        (Wanted::OtherKeys, Some(age)) => age >= COOL_DOWN,
    }
}

impl KnownMetadata {
    /// What is known, which may be read for that. Whoever asks meanwhile waits for the one reply.
    ///
    /// # Errors
    /// Nothing is known that may still be taken, and the provider cannot be asked.
    pub(super) async fn get(
        &self,
        issuer: &IssuerUrl,
        http: &HttpClient,
        wanted: Wanted,
    ) -> Option<Arc<ProviderMetadataWithLogout>> {
        let mut known = self.0.lock().await;
        let age = known.metadata.as_ref().map(|(read, _)| read.elapsed());
        if is_due(wanted, age, known.failed.map(|failed| failed.elapsed())) {
            match ProviderMetadataWithLogout::discover_async(issuer.clone(), http).await {
                Ok(metadata) => {
                    *known = Known { metadata: Some((Instant::now(), Arc::new(metadata))), failed: None }
                }
                Err(error) => {
                    warn!(issuer = issuer.as_str(), error = %reason(&error), "a provider of identities cannot be asked");
                    known.failed = Some(Instant::now());
                }
            }
        }
        let usable = known.metadata.as_ref().filter(|(read, _)| read.elapsed() < LASTING);
        usable.map(|(_, metadata)| metadata.clone())
    }
}

/// Why, without the body of a reply.
fn reason(error: &DiscoveryError<HttpError>) -> String {
    match error {
        DiscoveryError::Response(status, _, _) => format!("it answers {status}"),
        error => chain(error).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn keys_are_read_every_hour_and_for_one_that_nobody_knows() {
        for (wanted, age, failed, due) in [
            (Wanted::Usual, None, None, true),
            (Wanted::Usual, Some(SECOND), None, false),
            (Wanted::Usual, Some(FRESH), None, true),
            (Wanted::OtherKeys, Some(SECOND), None, false),
            (Wanted::OtherKeys, Some(COOL_DOWN), None, true),
            (Wanted::Usual, None, Some(SECOND), false),
            (Wanted::Usual, None, Some(RETRY), true),
            (Wanted::OtherKeys, Some(FRESH), Some(SECOND), false),
        ] {
            assert_eq!(is_due(wanted, age, failed), due, "{wanted:?} {age:?} {failed:?}");
        }
    }
}
