use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use service_kit::RequestContext;
use wire::PollOutlook;

use crate::outcome::Attempt;

/// What suggestion-service says of what unanswered participants can still change; `None` where it knows no such poll.
///
/// # Errors
/// The attempt that has failed.
pub(super) async fn outlook(
    suggestions: &Peer,
    context: &RequestContext,
    poll: &str,
) -> Result<Option<PollOutlook>, Attempt> {
    let request = PeerRequest::get("/polls/{id}/outlook").part("id", poll);
    let answer = suggestions.send(context, request).await.map_err(|error| Attempt::faulty(&error))?;
    match answer.status {
        StatusCode::OK => answer.json().map(Some).map_err(|error| Attempt::faulty(&error)),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(Attempt::Faulty(format!("suggestion-service answered {status}"))),
    }
}
