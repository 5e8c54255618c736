use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::StatusCode;
use service_kit::{Dependency, Probe, RequestContext};
use tokio::time::timeout;

use crate::{Peer, PeerRequest, peer::with_context};

/// The health of a service that keeps nothing and needs one peer for its job.
pub struct PeerProbe {
    peer: Peer,
    patience: Duration,
}

impl PeerProbe {
    /// Waits for the peer's report for as long as it takes that to wait for others, and a little more.
    pub fn new(peer: Peer, patience: Duration) -> PeerProbe {
        PeerProbe { peer, patience }
    }
}

#[async_trait]
impl Probe for PeerProbe {
    async fn dependencies(&self, context: &RequestContext) -> Vec<Dependency> {
        let answer = self.peer.check_health(context, self.patience).await;
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
    /// When there is no answer within `patience`, or its status is another.
    pub async fn check_health(
        &self,
        context: &RequestContext,
        patience: Duration,
    ) -> Result<Duration, String> {
        let started = Instant::now();
        let unreachable = || format!("{} cannot be reached", self.name());
        let request = PeerRequest::get("/health").build(self.transport.base()).map_err(|_| unreachable())?;
        let request = with_context(&request, context.onward());
        let exchange = self.transport.prepare(request).map_err(|_| unreachable())?;
        match timeout(patience, exchange.run()).await {
            Ok(Ok(answer)) if answer.status() == StatusCode::OK => Ok(started.elapsed()),
            Ok(Ok(answer)) => Err(format!("{} answers {}", self.name(), answer.status().as_u16())),
            Ok(Err(_)) => Err(unreachable()),
            Err(_elapsed) => Err(format!("{} did not answer within {patience:?}", self.name())),
        }
    }
}
