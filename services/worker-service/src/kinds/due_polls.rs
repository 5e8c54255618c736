//! What happens to polls at an instant: closing at their deadline, deleting when they have been kept for long enough, and purging once they can no longer be restored. user-service
//! orders one job for all polls of an instant, and does it.

use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::RequestContext;
use wire::{DuePollsReply, DuePollsRequest};

use super::{EffectOnce, JobKind, ask, for_half_a_day};
use crate::outcome::{Attempt, RetryPolicy};

/// Which polls.
#[derive(Debug, Deserialize, Serialize)]
pub struct DuePollsPayload {
    /// Those that were due by this instant, in microseconds since 1970.
    pub until_us: i64,
}

/// The kind `close`.
pub struct ClosePolls {
    users: Peer,
}

impl ClosePolls {
    /// On top of a way to ask user-service.
    pub fn new(users: Peer) -> ClosePolls {
        ClosePolls { users }
    }
}

impl JobKind for ClosePolls {
    const NAME: &'static str = "close";
    /// Before mails: people look at the poll.
    const PRIORITY: u8 = 1;
    /// user-service closes each poll once.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = DuePollsPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        for_half_a_day(usual)
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: DuePollsPayload) -> Attempt {
        until_none_is_left(&self.users, context, "/poll-closings", &payload).await
    }
}

/// The kind `expire`.
pub struct ExpirePolls {
    users: Peer,
}

impl ExpirePolls {
    /// On top of a way to ask user-service.
    pub fn new(users: Peer) -> ExpirePolls {
        ExpirePolls { users }
    }
}

impl JobKind for ExpirePolls {
    const NAME: &'static str = "expire";
    /// What is deleted is so once.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = DuePollsPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        for_half_a_day(usual)
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: DuePollsPayload) -> Attempt {
        until_none_is_left(&self.users, context, "/poll-expirations", &payload).await
    }
}

/// The kind `purge`.
pub struct PurgePolls {
    users: Peer,
}

impl PurgePolls {
    /// On top of a way to ask user-service.
    pub fn new(users: Peer) -> PurgePolls {
        PurgePolls { users }
    }
}

impl JobKind for PurgePolls {
    const NAME: &'static str = "purge";
    /// What is gone stays gone.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = DuePollsPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        for_half_a_day(usual)
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: DuePollsPayload) -> Attempt {
        until_none_is_left(&self.users, context, "/poll-purges", &payload).await
    }
}

/// Asks user-service to do it to some polls at a time.
async fn until_none_is_left(
    users: &Peer,
    context: &RequestContext,
    route: &'static str,
    payload: &DuePollsPayload,
) -> Attempt {
    let mut done = 0;
    loop {
        let request = PeerRequest::post(route).json(&DuePollsRequest { until_us: payload.until_us });
        match ask(users, context, request.repeatable()).await {
            Ok(DuePollsReply { polls, more }) => {
                done += polls;
                if !more {
                    return Attempt::Done(json!({"polls": done}));
                }
            }
            Err(attempt) => return attempt,
        }
    }
}
