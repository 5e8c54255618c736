use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::StatusCode;
use service_kit::{Dependency, Probe, RequestContext};
use tokio::time::timeout;

use crate::{Peer, PeerRequest, peer::with_context};

/// The health of a service that keeps nothing and needs one peer for its job.
pub struct PeerProbe {
    peer: Peer,
    deadline: Duration,
}

impl PeerProbe {
    /// `deadline` is for the peer's report: as long as the peer waits for what it depends on, and a little more.
    pub fn new(peer: Peer, deadline: Duration) -> PeerProbe {
        PeerProbe { peer, deadline }
    }
}

#[async_trait]
impl Probe for PeerProbe {
    async fn dependencies(&self, context: &RequestContext) -> Vec<Dependency> {
        let answer = self.peer.check_health(context, self.deadline).await;
        vec![Dependency { name: self.peer.name(), essential: true, answer }]
    }

    /// Always: without its peer it still says in shape that the peer is unavailable.
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Peer {
    /// Whether the peer says `200` to `GET /health`, and how long it took: one attempt, past the breaker.
    ///
    /// # Errors
    /// When there is no answer within `deadline`, or its status is another.
    pub async fn check_health(
        &self,
        context: &RequestContext,
        deadline: Duration,
    ) -> Result<Duration, String> {
        let started = Instant::now();
        let unreachable = || format!("{} cannot be reached", self.name());
        let request = PeerRequest::get("/health").build(self.transport.base()).map_err(|_| unreachable())?;
        let request = with_context(&request, context.onward());
        let exchange = self.transport.prepare(request).map_err(|_| unreachable())?;
        match timeout(deadline, exchange.run()).await {
            Ok(Ok(answer)) if answer.status() == StatusCode::OK => Ok(started.elapsed()),
            Ok(Ok(answer)) => Err(format!("{} answers {}", self.name(), answer.status().as_u16())),
            Ok(Err(_)) => Err(unreachable()),
            Err(_elapsed) => Err(format!("{} did not answer within {deadline:?}", self.name())),
        }
    }
}
