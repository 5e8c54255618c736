use std::net::SocketAddr;

use futures::FutureExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{EgressPolicy, Lookup};

/// Why a name is not connected to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum NotConnected {
    #[error("the name has an address that must not be asked")]
    NotAllowed,
    #[error("the name has no address")]
    Unknown,
}

/// Resolves names to addresses that may be asked. A name that has others too is refused as a whole: who has such a name
/// tries something.
pub(crate) struct GuardedResolver {
    pub(crate) policy: EgressPolicy,
    /// Whether it is connected to without TLS.
    pub(crate) is_plain: bool,
    pub(crate) lookup: Lookup,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        let (policy, is_plain) = (self.policy.clone(), self.is_plain);
        let resolve = async move {
            let addresses = found.await.unwrap_or_default();
            if addresses.is_empty() {
                return Err(NotConnected::Unknown.into());
            }
            if !addresses.iter().all(|address| policy.allows(*address, is_plain)) {
                return Err(NotConnected::NotAllowed.into());
            }
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        };
        resolve.boxed()
    }
}
