use std::{sync::Arc, time::Duration};

use service_kit::{App, Routes, ServeArgs, ServiceContext};

use crate::{Peer, PeerProbe, access_control};

/// A service that stores nothing itself and asks one other. All such services are built and run alike.
#[derive(Clone, Copy, Debug)]
pub struct StatelessService {
    pub name: &'static str,
    /// Its prefix behind a gateway, such as `/availability`.
    pub prefix: &'static str,
    /// The name of the service that it asks.
    pub peer: &'static str,
    /// Longest wait for that one's health, which itself takes as long as what it depends on.
    pub health_wait: Duration,
    /// Its API on top of a way to ask that one.
    pub routes: fn(&ServiceContext, &ServeArgs, Peer) -> anyhow::Result<Routes>,
}

impl StatelessService {
    /// Runs the service until it is told to stop. The one that it asks is at `base`, and has so long for an answer; see
    /// [`Peer::http`].
    ///
    /// # Errors
    /// When it cannot start.
    #[cfg(feature = "http")]
    pub async fn run(
        &self,
        service: ServiceContext,
        args: &ServeArgs,
        base: &wire::BaseUrl,
        ca: Option<&std::path::Path>,
        timeout_ms: u64,
    ) -> anyhow::Result<()> {
        let metrics = crate::PeerMetrics::register(&service.registry)?;
        let peer = Peer::http(self.peer, base, ca, crate::Limits::within(timeout_ms), metrics)?;
        let peer = peer.with_secret(args.service_secret.as_ref());
        let app = self.build(&service, args, peer)?;
        service_kit::serve(args, service, app).await
    }

    /// The service on top of a way to ask the other one.
    pub fn build(&self, service: &ServiceContext, args: &ServeArgs, peer: Peer) -> anyhow::Result<App> {
        let routes = (self.routes)(service, args, peer.clone())?;
        let access = access_control(service, &peer)?;
        let probe = Arc::new(PeerProbe::new(peer, self.health_wait));
        Ok(App::new(service, args, self.prefix, routes, probe, access))
    }
}
