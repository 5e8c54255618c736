use axum::{
    extract::{FromRequestParts, Path},
    http::{header, request::Parts},
};
use service_kit::{ApiError, Callers};

use super::errors;
use crate::{
    db::{PollChange, PollError},
    polls::{PublicId, Role, StoredParticipant, TokenHash},
};

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
            // It is of an account, and of no poll.
            Some(token) if token.starts_with(Callers::PREFIX) => Ok(Bearer(None)),
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

/// Whether somebody has the organiser's token.
///
/// # Errors
/// Why they may not do what only the organiser may.
pub(super) fn require_organiser(role: &Role) -> Result<(), PollError> {
    match role {
        Role::Admin => Ok(()),
        Role::Participant { .. } => Err(PollError::Forbidden),
        Role::Anyone => Err(PollError::Unauthorized),
    }
}

/// The change, if the organiser makes it.
///
/// # Errors
/// Why not; the change is taken back.
pub(super) async fn require_organiser_or_roll_back(change: PollChange) -> Result<PollChange, PollError> {
    match require_organiser(&change.role) {
        Ok(()) => Ok(change),
        Err(refusal) => Err(change.refuse(refusal).await),
    }
}

/// Whether somebody may change a participant, or read their answer.
///
/// # Errors
/// Why not.
pub(super) fn may_edit(role: &Role, id: &PublicId) -> Result<(), PollError> {
    match role {
        Role::Anyone => Err(PollError::Unauthorized),
        role if role.may_edit(id) => Ok(()),
        Role::Participant { .. } | Role::Admin => Err(PollError::Forbidden),
    }
}

/// The participant whom the change is about, if whoever makes it may change them.
///
/// # Errors
/// Why not; the change is taken back.
pub(super) async fn editable_participant(
    mut change: PollChange,
    id: &PublicId,
) -> Result<(PollChange, StoredParticipant), PollError> {
    if let Err(refusal) = may_edit(&change.role, id) {
        return Err(change.refuse(refusal).await);
    }
    match change.participant(id).await? {
        Some(participant) => Ok((change, participant)),
        None => Err(change.refuse(PollError::UnknownParticipant).await),
    }
}
