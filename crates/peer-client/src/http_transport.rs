use std::{fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use reqwest::{Certificate, Client, redirect::Policy};
use wire::BaseUrl;

use crate::{
    RequestError, TransportError,
    transport::{Exchange, Transport},
};

/// Idle connections are closed before the peer does it (its limit is 75 s), so that none is used while it closes.
const IDLE: Duration = Duration::from_secs(30);

/// Over pooled connections to a base URL without a slash at its end.
pub(crate) struct Http {
    client: Client,
    base: String,
}

impl Http {
    /// With the authorities in the PEM file `ca`, in the place of the system's, for a base that is `https`.
    ///
    /// # Errors
    /// When that file cannot be used, or TLS cannot be set up.
    pub(crate) fn new(base: &BaseUrl, ca: Option<&Path>, connect: Duration) -> anyhow::Result<Http> {
        tls_provider::install();
        let mut client = Client::builder()
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            .redirect(Policy::none())
            .tcp_nodelay(true)
            // By HTTP/2, which TLS would choose, all requests take one connection, and so one replica of the peer.
            .http1_only();
        if let Some(file) = ca {
            client = client.tls_certs_only(authorities(file)?);
        }
        let failed = || ca.map_or_else(|| "there is no HTTP client".to_owned(), named);
        let client = client.build().with_context(failed)?;
        Ok(Http { client, base: base.as_str().to_owned() })
    }
}

fn authorities(file: &Path) -> anyhow::Result<Vec<Certificate>> {
    let pem = fs::read(file).with_context(|| named(file))?;
    let certificates = Certificate::from_pem_bundle(&pem).with_context(|| named(file))?;
    ensure!(!certificates.is_empty(), "{}: it has no certificate (PEM)", named(file));
    Ok(certificates)
}

/// The file of authorities in errors.
fn named(file: &Path) -> String {
    format!("--peer-ca {}", file.display())
}

impl Transport for Http {
    fn base(&self) -> &str {
        &self.base
    }

    fn prepare(&self, request: Request<Bytes>) -> Result<Exchange, RequestError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| RequestError::Client(error.without_url().into()))?;
        let client = self.client.clone();
        Ok(Exchange::new(async move {
            let response = client.execute(request).await;
            let response =
                response.map_err(|error| TransportError::Connection(error.without_url().into()))?;
            let response = Response::<reqwest::Body>::from(response);
            Ok(response.map(|body| Body::new(body.map_err(reqwest::Error::without_url))))
        }))
    }
}
