use axum::{Json, extract::State};
use service_kit::{ApiError, Body};
use wire::{AddressesReply, AddressesRequest};

use super::{
    PollStores,
    access::{Bearer, PollId, administrative},
};
use crate::{db::PollError, key::Key};

/// Which participants have given these addresses, for the other services: an [`AddressesRequest`] is answered by an
/// [`AddressesReply`]. Only the organiser may ask: to anybody else it would tell who takes part.
pub(super) async fn addresses(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    Body(body): Body,
) -> Result<Json<AddressesReply>, ApiError> {
    let AddressesRequest { addresses } = AddressesRequest::parse(&body).map_err(ApiError::bad_request)?;
    let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
    administrative(&role)?;
    let known = stores.polls.addresses(&poll.id).await.map_err(PollError::Sql)?;
    let of = |address: &String| {
        let ids = Key::of(address).and_then(|key| known.get(key.as_str()));
        ids.into_iter().flatten().map(ToString::to_string).collect()
    };
    Ok(Json(AddressesReply { participants: addresses.iter().map(of).collect() }))
}
