use axum::{Json, extract::State};
use service_kit::{ApiError, Body};
use wire::{ParticipantsByEmailReply, ParticipantsByEmailRequest};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser},
};
use crate::{db::PollError, key::Key};

/// Which participants have given these addresses, for the other services: an [`ParticipantsByEmailRequest`] is answered by an
/// [`ParticipantsByEmailReply`]. Only the organiser may ask: to anybody else it would tell who takes part.
pub(super) async fn participants_by_email(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    Body(body): Body,
) -> Result<Json<ParticipantsByEmailReply>, ApiError> {
    let ParticipantsByEmailRequest { emails } =
        ParticipantsByEmailRequest::parse(&body).map_err(ApiError::bad_request)?;
    let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
    require_organiser(&role)?;
    let known = stores.polls.participants_by_email(&poll.id).await.map_err(PollError::Sql)?;
    let of = |address: &String| {
        let ids = Key::of(address).and_then(|key| known.get(key.as_str()));
        ids.into_iter().flatten().map(ToString::to_string).collect()
    };
    Ok(Json(ParticipantsByEmailReply { participants: emails.iter().map(of).collect() }))
}
