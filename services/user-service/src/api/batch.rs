use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use bytes::{BufMut, Bytes, BytesMut};
use service_kit::ApiError;
use wire::{Fault, PeopleBatch, Query};

use super::json;
use crate::{directory::Directory, key::Key, record::Record};

/// Most people of one call.
const LIMIT: usize = 100;

/// Several people at once, for availability-service.
#[utoipa::path(get, path = "/user-avail/batch",
    params(("email" = Vec<String>, Query, description = "1 to 100 times, in any case; one may be named repeatedly")),
    responses(
    (status = 200, description = "The people in the order in which they were asked for", body = PeopleBatch),
    (status = 400, description = "The parameter is missing or wrong, or there are more than 100"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn batch(
    State(directory): State<Directory>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let addresses = query.all("email");
    let addresses = query.finish(Some(addresses)).map_err(ApiError::bad_request)?;
    if let Some(fault) = wrong_number(addresses.len()) {
        return Err(ApiError::bad_request(vec![fault]));
    }
    let asked: Vec<Option<Key>> = addresses.iter().map(|address| Key::of(address)).collect();
    let keys: Vec<Key> = asked.iter().flatten().cloned().collect();
    let mut found = directory.find(&keys).await?.into_iter();
    let people = asked.iter().map(|key| key.as_ref().and_then(|_| found.next().flatten()));
    Ok(json(StatusCode::OK, batch_of(people)))
}

fn wrong_number(addresses: usize) -> Option<Fault> {
    match addresses {
        0 => Some(Fault::missing("query", "email")),
        1..=LIMIT => None,
        more => Some(Fault::new(
            ["query", "email"],
            "too_long",
            format!("Give at most {LIMIT} addresses, not {more}"),
        )),
    }
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
