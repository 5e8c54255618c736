use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp as Instant;
use meeting_calendar::feed_text;
use service_kit::ApiError;
use sha2::{Digest, Sha256};

use super::{FeedState, authorized};
use crate::{
    api::{
        calendar_reply::{calendar, with_weak_tag},
        people::{Address, precondition_failed},
    },
    conditions::{Conditions, Reading},
    directory::DirectoryError,
    polls::{StoredPoll, meeting_of},
};

/// What calendar programs call it.
const NAME: &str = "W2Meet";

/// A person's decided meetings, for calendar programs to subscribe to: of the polls in which they take part under their
/// address. Those of weekly polls repeat every week.
#[utoipa::path(get, path = "/users/{email}/calendar.ics", operation_id = "feed_of_meetings", params(
    ("email" = String, Path, description = "In any case"),
    ("token" = String, Query, pattern = "^[A-Za-z0-9_-]{43}$", description = "The feed's token"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of what the client has"),
), responses(
    (status = 200, description = "The meetings (RFC 5545), at most the latest 1,000", content_type = "text/calendar", body = String, headers(("ETag" = String, description = "Stands for these meetings"))),
    (status = 304, description = "The client has these meetings"),
    (status = 400, description = "The token was given twice"),
    (status = 401, description = "The token is missing or wrong"),
    (status = 412, description = "There are other meetings"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn meetings(
    State(state): State<FeedState>,
    address: Address,
    RawQuery(query): RawQuery,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let key = authorized(&state, &address, query.as_deref()).await?;
    let polls = state.stores.polls.decided_polls_of(&key).await.map_err(DirectoryError::from)?;
    let tag = entity_tag(&polls);
    let reply = match conditions.reading_of(&tag) {
        Reading::Refuse => return Err(precondition_failed()),
        Reading::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Reading::Send => {
            let url = &state.stores.public_url;
            let meetings: Vec<_> = polls.iter().filter_map(|poll| meeting_of(poll, url)).collect();
            calendar(feed_text(NAME, &meetings, Instant::now()))
        }
    };
    let mut reply = with_weak_tag(&tag, reply);
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(reply)
}

/// It changes with every meeting that comes, goes or changes.
fn entity_tag(polls: &[StoredPoll]) -> String {
    let mut hash = Sha256::new();
    for poll in polls {
        hash.update(format!("{} {};", poll.id, poll.version));
    }
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.finalize()))
}
