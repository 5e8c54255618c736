//! Has user-service look whether a person's answers from their schedule agree with it, after what is known of their time has
//! changed.

use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::RequestContext;
use wire::{ConflictCheckReply, ConflictCheckRequest};

use super::{EffectOnce, JobKind, ask};
use crate::outcome::Attempt;

/// The kind `check-conflicts`.
pub struct CheckConflicts {
    users: Peer,
}

/// Whose.
#[derive(Debug, Deserialize, Serialize)]
pub struct CheckConflictsPayload {
    /// The person's id.
    pub person: String,
}

impl CheckConflicts {
    /// On top of a way to ask user-service.
    pub fn new(users: Peer) -> CheckConflicts {
        CheckConflicts { users }
    }
}

impl JobKind for CheckConflicts {
    const NAME: &'static str = "check-conflicts";
    /// user-service shows what is so now; where it shows that already, nothing changes.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = CheckConflictsPayload;

    async fn attempt(
        &self,
        context: &RequestContext,
        _job_id: &str,
        CheckConflictsPayload { person }: CheckConflictsPayload,
    ) -> Attempt {
        let mut asked = ConflictCheckRequest { person, after: None };
        let mut changed = 0;
        loop {
            let request = PeerRequest::post("/conflict-checks").json(&asked).repeatable();
            let reply: ConflictCheckReply = match ask(&self.users, context, request).await {
                Ok(reply) => reply,
                Err(attempt) => return attempt,
            };
            changed += reply.changed;
            match reply.next {
                Some(next) => asked.after = Some(next),
                None => return Attempt::Done(json!({"changed": changed})),
            }
        }
    }
}
