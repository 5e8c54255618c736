use std::time::Duration;

use thiserror::Error;

/// Why a round for one object ended early.
#[derive(Debug, Error)]
pub enum StepError {
    #[error("Deployment {0} does not exist in this namespace")]
    TargetNotFound(String),
    /// The API server refused or could not be asked.
    #[error("cannot {doing}: {}", short(.source))]
    Api { doing: &'static str, source: Box<kube::Error> },
    /// The API server did not answer in time.
    #[error("cannot {doing}: no answer within {limit:?}")]
    Timeout { doing: &'static str, limit: Duration },
    /// The spec passed the API server's rules and still makes no sense.
    #[error("{0}")]
    InvalidSpec(String),
    /// Another instance leads, or may lead by now.
    #[error("this instance does not lead any more")]
    LeaseLost,
}

impl StepError {
    /// The HTTP status with which the API server refused.
    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            StepError::Api { source, .. } => match source.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            _ => None,
        }
    }

    /// The reason in conditions and Events.
    pub fn reason(&self) -> &'static str {
        match self {
            StepError::TargetNotFound(_) => "TargetNotFound",
            StepError::Api { .. } | StepError::Timeout { .. } => "ApiError",
            StepError::InvalidSpec(_) => "InvalidSpec",
            StepError::LeaseLost => "LeaseLost",
        }
    }

    /// The label `category` of the metric of errors.
    pub fn category(&self) -> &'static str {
        match self {
            StepError::TargetNotFound(_) => "target_not_found",
            StepError::Api { .. } => match self.code() {
                Some(403) => "forbidden",
                Some(_) => "refused",
                None => "transport",
            },
            StepError::Timeout { .. } => "timeout",
            StepError::InvalidSpec(_) => "invalid_spec",
            StepError::LeaseLost => "lease_lost",
        }
    }
}

/// The API server's own words, without the whole reply that the client prints after them.
pub(crate) fn short(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => service_kit::chain(other).to_string(),
    }
}
