//! What the two HTTP sources share.

use std::fmt;
use std::time::Duration;

use reqwest::{Certificate, Client, Response, StatusCode, redirect};
use scaling::{Unknown, UnknownKind};
use tokio::time::timeout;
use url::Url;

use crate::target::{Credentials, ProbeError};
use crate::unknown::{chain, unknown};

/// Asks with one pool of connections, in one name.
pub(crate) struct BrokerHttpClient {
    client: Client,
    credentials: Option<Credentials>,
}

impl BrokerHttpClient {
    pub(crate) fn new(
        credentials: Option<Credentials>,
        ca: Option<&[u8]>,
    ) -> Result<BrokerHttpClient, ProbeError> {
        let wrong = |error: reqwest::Error| ProbeError::Ca(chain(&error));
        let mut client = Client::builder().redirect(redirect::Policy::none()).tcp_nodelay(true);
        if let Some(pem) = ca {
            let certificates = Certificate::from_pem_bundle(pem).map_err(wrong)?;
            if certificates.is_empty() {
                return Err(ProbeError::Ca("it holds no certificate".to_owned()));
            }
            client = client.tls_certs_only(certificates);
        }
        Ok(BrokerHttpClient { client: client.build().map_err(wrong)?, credentials })
    }

    /// The body of a good answer within the deadline.
    pub(crate) async fn get(&self, url: Url, deadline: Duration) -> Result<String, Unknown> {
        let host = authority(&url);
        let mut request = self.client.get(url);
        if let Some(Credentials { username, password }) = &self.credentials {
            request = request.basic_auth(username, Some(password));
        }
        let failed = |error: reqwest::Error| {
            unknown(UnknownKind::Unreachable, format!("{host}: {}", chain(&error.without_url())))
        };
        let exchange = async {
            let response = good(&host, request.send().await.map_err(failed)?)?;
            response.text().await.map_err(failed)
        };
        let late = |_| unknown(UnknownKind::Unreachable, format!("{host}: no answer within {deadline:?}"));
        timeout(deadline, exchange).await.map_err(late)?
    }
}

impl fmt::Debug for BrokerHttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerHttpClient").finish_non_exhaustive()
    }
}

fn good(host: &str, response: Response) -> Result<Response, Unknown> {
    let status = response.status();
    let kind = match status {
        StatusCode::OK => return Ok(response),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => UnknownKind::Unauthorized,
        StatusCode::NOT_FOUND => UnknownKind::NotFound,
        _ => UnknownKind::Unreachable,
    };
    Err(unknown(kind, format!("{host} answered {status}")))
}

/// `host:port` for messages.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URL below `base` whose path goes on with these segments, each of them escaped.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // An http URL has a path always.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
