use std::time::Duration;

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;
use wire::BaseUrl;

use crate::RequestError;

/// Idle connections are closed before the peer does it (its limit is 75 s), so that none is used while it closes.
const IDLE: Duration = Duration::from_secs(30);

/// Why a peer did not answer. The text never has the URL, since people's addresses are in it.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("there is no HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("the connection failed")]
    Http(#[source] reqwest::Error),
    #[error("the reply broke off")]
    Body(#[source] axum::Error),
}

#[derive(Clone, Debug)]
pub(crate) enum Transport {
    /// Over pooled connections to a base URL without a slash at its end.
    Http {
        client: reqwest::Client,
        base: String,
    },
    Local(Router),
}

/// A request that can be sent as it is, at each attempt anew.
pub(crate) enum Outgoing {
    Http(reqwest::Client, reqwest::Request),
    Local(Router, Request<Bytes>),
}

impl Transport {
    pub(crate) fn http(base: &BaseUrl, connect: Duration) -> Result<Transport, TransportError> {
        tls_provider::install();
        let client = reqwest::Client::builder()
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .build()
            .map_err(TransportError::Client)?;
        Ok(Transport::Http { client, base: base.as_str().to_owned() })
    }

    /// What stands before a request's path.
    pub(crate) fn base(&self) -> &str {
        match self {
            Transport::Http { base, .. } => base,
            Transport::Local(_) => "",
        }
    }

    /// The request as this transport sends it.
    pub(crate) fn prepare(&self, request: Request<Bytes>) -> Result<Outgoing, RequestError> {
        match self {
            Transport::Http { client, .. } => request
                .try_into()
                .map(|request| Outgoing::Http(client.clone(), request))
                .map_err(|error: reqwest::Error| RequestError::Client(error.without_url())),
            Transport::Local(router) => Ok(Outgoing::Local(router.clone(), request)),
        }
    }
}

impl Outgoing {
    /// Sends it; the reply's body is still on its way.
    pub(crate) async fn send(self) -> Result<Response<Body>, TransportError> {
        match self {
            Outgoing::Http(client, request) => {
                let response = client.execute(request).await;
                let response = response.map_err(|error| TransportError::Http(error.without_url()))?;
                let response = http::Response::<reqwest::Body>::from(response);
                Ok(response.map(|body| Body::new(body.map_err(reqwest::Error::without_url))))
            }
            Outgoing::Local(router, request) => match router.oneshot(request.map(Body::from)).await {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            },
        }
    }
}
