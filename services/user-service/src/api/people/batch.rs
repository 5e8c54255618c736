use axum::{extract::State, http::StatusCode, response::Response};
use bytes::{BufMut, Bytes, BytesMut};
use service_kit::{ApiError, Body};
use wire::{PeopleRequest, RequestBody};

use super::json;
use crate::{directory::Directory, key::Key, record::Record};

/// Several people at once, for availability-service: a [`PeopleRequest`] is answered by a [`wire::PeopleBatch`]. It is
/// not for the public, who could try out addresses with it.
pub(super) async fn batch(
    State(directory): State<Directory>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let request = PeopleRequest::parse(&body).map_err(ApiError::bad_request)?;
    let asked: Vec<Option<Key>> = request.emails.iter().map(|address| Key::of(address)).collect();
    let keys: Vec<Key> = asked.iter().flatten().cloned().collect();
    let mut found = directory.find(&keys).await?.into_iter();
    let people = asked.iter().map(|key| key.as_ref().and_then(|_| found.next().flatten()));
    Ok(json(StatusCode::OK, batch_of(people)))
}

/// The reply around records that are JSON text already.
fn batch_of(people: impl Iterator<Item = Option<Record>>) -> Bytes {
    let mut text = BytesMut::from(&b"{\"people\":["[..]);
    for (index, person) in people.enumerate() {
        if index > 0 {
            text.put_u8(b',');
        }
        match person {
            Some(record) => text.put(record.into_bytes()),
            None => text.put(&b"null"[..]),
        }
    }
    text.put(&b"]}"[..]);
    text.freeze()
}
