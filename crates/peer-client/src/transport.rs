use std::time::Duration;

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use url::Url;

use crate::Answer;

/// Idle connections are closed before the peer does it (its limit is 75 s), so that none is used while it closes.
const IDLE: Duration = Duration::from_secs(30);

/// Why a peer did not answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The connection failed or broke.
    #[error("the connection failed")]
    Http(#[source] reqwest::Error),
    /// The reply of a peer in this process broke off.
    #[error("the reply broke off")]
    Local(#[source] axum::Error),
    /// The request could not be put together.
    #[error("the request could not be made")]
    Request(#[source] http::Error),
}

/// How requests reach the peer.
#[derive(Clone, Debug)]
pub(crate) enum Transport {
    /// Over pooled connections to a base URL without a slash at its end.
    Http { client: reqwest::Client, base: String },
    /// Within this process.
    Local(Router),
}

impl Transport {
    pub(crate) fn http(base: &Url, connect: Duration) -> Result<Transport, TransportError> {
        // It fails only when a provider is set already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .build()
            .map_err(TransportError::Http)?;
        Ok(Transport::Http { client, base: base.as_str().trim_end_matches('/').to_owned() })
    }

    pub(crate) async fn get(
        &self,
        path_and_query: &str,
        headers: HeaderMap,
    ) -> Result<Answer, TransportError> {
        match self {
            Transport::Http { client, base } => {
                let request = client.get(format!("{base}{path_and_query}")).headers(headers);
                let response = request.send().await.map_err(TransportError::Http)?;
                let status = response.status();
                Ok(Answer { status, body: response.bytes().await.map_err(TransportError::Http)? })
            }
            Transport::Local(router) => {
                let mut request =
                    Request::get(path_and_query).body(Body::empty()).map_err(TransportError::Request)?;
                *request.headers_mut() = headers;
                let response = match router.clone().oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                let status: StatusCode = response.status();
                let body = response.into_body().collect().await.map_err(TransportError::Local)?;
                Ok(Answer { status, body: body.to_bytes() })
            }
        }
    }
}
