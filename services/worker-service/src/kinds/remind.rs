//! Reminders of a poll's deadline, which user-service turns into mails.

use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::RequestContext;

use super::{EffectOnce, JobKind};
use crate::outcome::Attempt;

/// The kind `remind`.
pub struct Remind {
    users: Peer,
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
    /// On top of a way to ask user-service.
    pub fn new(users: Peer) -> Remind {
        Remind { users }
    }
}

impl JobKind for Remind {
    const NAME: &'static str = "remind";
    const ONCE: EffectOnce = EffectOnce::NotedWhereOrdered;
    type Payload = RemindPayload;

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: RemindPayload) -> Attempt {
        let request = PeerRequest::post("/polls/{id}/reminders")
            .part("id", &payload.poll)
            .json(&json!({"deadline": payload.deadline}))
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
