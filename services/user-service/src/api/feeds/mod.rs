//! What calendar programs read of a person: `/users/{email}/feed`, `/users/{email}/calendar.ics`,
//! `/users/{email}/freebusy.ics`.

mod free_busy;
mod meetings;
mod token;

use axum::http::StatusCode;
use service_kit::{ApiError, Routes};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Query;

use super::{PollStores, people::Address};
use crate::{
    directory::{Directory, DirectoryError},
    key::Key,
    polls::TokenHash,
};

/// What the operations on feeds need.
#[derive(Clone)]
struct FeedState {
    directory: Directory,
    stores: PollStores,
}

/// All operations on feeds.
pub(crate) fn routes(directory: Directory, stores: PollStores) -> Routes {
    let routes = OpenApiRouter::new()
        .routes(routes!(token::create, token::remove))
        .routes(routes!(meetings::meetings))
        .routes(routes!(free_busy::free_busy))
        .with_state(FeedState { directory, stores });
    Routes::from(routes)
}

/// The person in the path, if the token in the query is theirs. Of whom there is no token it is not told whether there is
/// such a person.
async fn authorized(state: &FeedState, address: &Address, query: Option<&str>) -> Result<Key, ApiError> {
    let mut query = Query::parse(query);
    let token = query.optional("token");
    let token = query.finish(Some(token)).map_err(ApiError::bad_request)?.ok_or_else(unauthorized)?;
    let key = Key::of(&address.0).ok_or_else(unauthorized)?;
    let stored = state.directory.people().feed(&key).await.map_err(DirectoryError::from)?;
    let is_theirs = stored.is_some_and(|stored| stored.is(&TokenHash::of(&token)));
    if is_theirs { Ok(key) } else { Err(unauthorized()) }
}

fn unauthorized() -> ApiError {
    let msg = "The token of the feed is missing or wrong; a new one has taken the place of every one before";
    ApiError::http(StatusCode::UNAUTHORIZED, msg)
}
