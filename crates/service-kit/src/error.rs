use std::{error::Error, fmt, sync::Arc};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use wire::Fault;

/// An answer with a status from 400. What it says to the client stands apart from its cause, which only the log sees.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {}", self.summary())]
pub struct ApiError {
    status: StatusCode,
    detail: Vec<Fault>,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// The request's input is wrong: every fault of it.
    pub fn invalid(status: StatusCode, faults: Vec<Fault>) -> ApiError {
        ApiError { status, detail: faults, source: None }
    }

    /// The input is wrong, in a service that says so with 400.
    pub fn bad_request(faults: Vec<Fault>) -> ApiError {
        ApiError::invalid(StatusCode::BAD_REQUEST, faults)
    }

    /// The input is wrong, in a service that says so with 422.
    pub fn unprocessable(faults: Vec<Fault>) -> ApiError {
        ApiError::invalid(StatusCode::UNPROCESSABLE_ENTITY, faults)
    }

    /// Anything else, with one sentence for the client.
    pub fn http(status: StatusCode, msg: impl Into<String>) -> ApiError {
        ApiError { status, detail: vec![Fault::http(msg)], source: None }
    }

    /// There is no such thing.
    pub fn not_found(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::NOT_FOUND, msg)
    }

    /// Something that the service needs is away for now; asking again later may help.
    pub fn unavailable(msg: impl Into<String>) -> ApiError {
        ApiError::http(StatusCode::SERVICE_UNAVAILABLE, msg)
    }

    /// A fault of ours: the client learns nothing but that.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        ApiError::http(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").because(source)
    }

    /// Adds the cause, which is logged once and never shown to the client.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The reply's status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the client is told.
    pub fn detail(&self) -> &[Fault] {
        &self.detail
    }

    fn summary(&self) -> String {
        let messages: Vec<&str> = self.detail.iter().map(|fault| fault.msg.as_str()).collect();
        messages.join("; ")
    }
}

impl IntoResponse for ApiError {
    /// A bare status with the error attached: the edge writes the body, since only it knows the Case-ID.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error with all its causes, as one line for the log.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl fmt::Display + 'a {
    struct Chain<'a>(&'a (dyn Error + 'static));
    impl fmt::Display for Chain<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)?;
            let mut cause = self.0.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
            Ok(())
        }
    }
    Chain(error)
}
