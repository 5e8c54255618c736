use std::sync::Arc;

use axum::{BoxError, Router, body::Body};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use tower::ServiceExt;

use crate::RequestError;

/// Why a peer did not answer. The text never has the URL, since people's addresses are in it.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("the connection failed")]
    Connection(#[source] BoxError),
    #[error("the reply broke off")]
    Body(#[source] axum::Error),
}

/// How requests reach the peer.
pub(crate) trait Transport: Send + Sync {
    /// What stands before a request's path.
    fn base(&self) -> &str;

    /// Takes a request, which is sent by [`Exchange::run`].
    fn prepare(&self, request: Request<Bytes>) -> Result<Exchange, RequestError>;
}

pub(crate) type SharedTransport = Arc<dyn Transport>;

/// A request that is ready to be sent.
pub(crate) struct Exchange(BoxFuture<'static, Result<Response<Body>, TransportError>>);

impl Exchange {
    pub(crate) fn new(
        reply: impl Future<Output = Result<Response<Body>, TransportError>> + Send + 'static,
    ) -> Exchange {
        Exchange(Box::pin(reply))
    }

    /// Sends it; the reply's body is still on its way.
    pub(crate) async fn run(self) -> Result<Response<Body>, TransportError> {
        self.0.await
    }
}

/// Within this process.
pub(crate) struct Local(pub(crate) Router);

impl Transport for Local {
    fn base(&self) -> &str {
        ""
    }

    fn prepare(&self, request: Request<Bytes>) -> Result<Exchange, RequestError> {
        let answer = self.0.clone().oneshot(request.map(Body::from));
        Ok(Exchange::new(async move {
            match answer.await {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }))
    }
}
