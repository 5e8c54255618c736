use axum::{
    extract::{FromRequestParts, Path},
    http::{header, request::Parts},
};
use service_kit::ApiError;

use super::errors;
use crate::polls::{PublicId, TokenHash};

/// The hash of the token in `Authorization`, if any was sent.
pub(super) struct Bearer(Option<TokenHash>);

impl Bearer {
    pub(super) fn hash(&self) -> Option<&TokenHash> {
        self.0.as_ref()
    }
}

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Bearer, ApiError> {
        let mut lines = parts.headers.get_all(header::AUTHORIZATION).iter();
        let Some(line) = lines.next() else { return Ok(Bearer(None)) };
        let token = line.to_str().ok().and_then(|line| {
            let (scheme, token) = line.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
        });
        match token.filter(|_| lines.next().is_none()) {
            Some(token) => Ok(Bearer(Some(TokenHash::of(token)))),
            None => Err(errors::unauthorized()),
        }
    }
}

/// The poll in the path.
pub(super) struct PollId(pub(super) PublicId);

impl<S: Send + Sync> FromRequestParts<S> for PollId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<PollId, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| errors::unknown_poll().because(rejection))?;
        PublicId::parse(&id).map(PollId).ok_or_else(errors::unknown_poll)
    }
}

/// The poll and the participant in the path.
pub(super) struct ParticipantPath {
    pub(super) poll: PublicId,
    pub(super) participant: PublicId,
}

impl<S: Send + Sync> FromRequestParts<S> for ParticipantPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<ParticipantPath, ApiError> {
        let Path((poll, participant)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| errors::unknown_poll().because(rejection))?;
        Ok(ParticipantPath {
            poll: PublicId::parse(&poll).ok_or_else(errors::unknown_poll)?,
            participant: PublicId::parse(&participant).ok_or_else(errors::unknown_participant)?,
        })
    }
}
