//! Reminders of a poll's deadline, which user-service turns into mails.

use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::RequestContext;

use super::{EffectOnce, JobKind, for_half_a_day, outlook::outlook};
use crate::outcome::{Attempt, RetryPolicy};

/// The kind `remind`.
pub struct Remind {
    users: Peer,
    suggestions: Peer,
}

/// Which deadline of which poll.
#[derive(Debug, Deserialize, Serialize)]
pub struct RemindPayload {
    /// The poll's id.
    pub poll: String,
    /// The deadline, as an instant.
    pub deadline: String,
}

impl Remind {
    /// On top of ways to ask user-service and suggestion-service.
    pub fn new(users: Peer, suggestions: Peer) -> Remind {
        Remind { users, suggestions }
    }
}

impl JobKind for Remind {
    const NAME: &'static str = "remind";
    /// user-service reminds nobody of the same deadline twice.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = RemindPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        for_half_a_day(usual)
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: RemindPayload) -> Attempt {
        let awaited = match outlook(&self.suggestions, context, &payload.poll).await {
            // Nobody's answer changes anything.
            Ok(Some(outlook)) if outlook.settled => Some(Vec::new()),
            // Several answers together may, though none of them alone.
            Ok(Some(outlook)) => outlook.awaited.filter(|awaited| !awaited.is_empty()),
            Ok(None) => None,
            Err(attempt) => return attempt,
        };
        let request = PeerRequest::post("/polls/{id}/reminders")
            .part("id", &payload.poll)
            .json(&json!({"deadline": payload.deadline, "awaited": awaited}))
            .repeatable();
        match self.users.send(context, request).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                answer.json::<Value>().map_or_else(|error| Attempt::faulty(&error), Attempt::Done)
            }
            Ok(answer) if answer.status == StatusCode::BAD_REQUEST => {
                Attempt::Refused("user-service does not know such a reminder".to_owned())
            }
            Ok(answer) => Attempt::Faulty(format!("user-service answered {}", answer.status)),
            Err(error) => Attempt::faulty(&error),
        }
    }
}
