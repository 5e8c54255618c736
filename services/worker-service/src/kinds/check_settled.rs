//! Looks whether a poll's best time is settled, after somebody has answered, and has the organiser told.

use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::RequestContext;
use wire::{PollOutlook, SettledRequest};

use super::{EffectOnce, JobKind, outlook::outlook};
use crate::outcome::Attempt;

/// The kind `check-settled`.
pub struct CheckSettled {
    users: Peer,
    suggestions: Peer,
}

/// Which poll.
#[derive(Debug, Deserialize, Serialize)]
pub struct CheckSettledPayload {
    /// The poll's id.
    pub poll: String,
}

impl CheckSettled {
    /// On top of ways to ask user-service and suggestion-service.
    pub fn new(users: Peer, suggestions: Peer) -> CheckSettled {
        CheckSettled { users, suggestions }
    }
}

impl JobKind for CheckSettled {
    const NAME: &'static str = "check-settled";
    /// user-service tells the organiser once.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = CheckSettledPayload;

    async fn attempt(
        &self,
        context: &RequestContext,
        _job_id: &str,
        payload: CheckSettledPayload,
    ) -> Attempt {
        let (version, first) = match outlook(&self.suggestions, context, &payload.poll).await {
            Ok(Some(PollOutlook { version, settled: true, first: Some(first), .. })) => (version, first),
            Ok(_) => return Attempt::Done(json!({"settled": false})),
            Err(attempt) => return attempt,
        };
        let request = PeerRequest::post("/polls/{id}/settled")
            .part("id", &payload.poll)
            .json(&SettledRequest { version, first })
            .repeatable();
        match self.users.send(context, request).await {
            Ok(answer) if answer.status == StatusCode::NO_CONTENT => Attempt::Done(json!({"settled": true})),
            Ok(answer) => Attempt::Faulty(format!("user-service answered {}", answer.status)),
            Err(error) => Attempt::faulty(&error),
        }
    }
}
