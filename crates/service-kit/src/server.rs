use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use prometheus::{Registry, process_collector::ProcessCollector};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_http::add_extension::AddExtension;
use tracing::{debug, error, info, warn};

use crate::{App, Connection, Probe, ServeArgs, ServiceContext, ops};

/// Longest time for a client to send a request's head; an idle connection may wait as long for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Pause after a failed accept, which is most often a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The two open ports of a process.
#[derive(Debug)]
pub struct Listeners {
    api: TcpListener,
    ops: TcpListener,
}

impl Listeners {
    /// Opens both ports.
    ///
    /// # Errors
    /// When an address cannot be had; the message names the address and the flag that changes it.
    pub async fn bind(args: &ServeArgs) -> anyhow::Result<Listeners> {
        Ok(Listeners {
            api: bind(args.listen, "--listen").await?,
            ops: bind(args.ops_listen, "--ops-listen").await?,
        })
    }
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; {flag} sets another address"))
}

/// Serves one service until its service says stop; returns when everything has drained, or at the hard limit.
///
/// # Errors
/// When a port cannot be opened.
pub async fn serve(args: &ServeArgs, service: ServiceContext, app: App) -> anyhow::Result<()> {
    let listeners = Listeners::bind(args).await?;
    let router = app.router.clone();
    serve_all(args, listeners, &service, router, vec![app]).await
}

/// Serves `router` on the API's port and the probes and metrics of all `apps` on the other; see [`serve`].
///
/// The order of the end: `/readyz` turns false, the drain delay passes, the API's port closes, requests under way and
/// background tasks finish, the second port closes.
///
/// # Errors
/// When the metrics of the process cannot be registered or a port's address cannot be told.
pub async fn serve_all(
    args: &ServeArgs,
    listeners: Listeners,
    service: &ServiceContext,
    router: Router,
    apps: Vec<App>,
) -> anyhow::Result<()> {
    let process = Registry::new();
    process.register(Box::new(ProcessCollector::for_self()))?;
    let ops_router = ops::router(apps, process, service.stopping.clone());
    let (api_closing, ops_closing) = (CancellationToken::new(), CancellationToken::new());
    info!(api = %listeners.api.local_addr()?, ops = %listeners.ops.local_addr()?, "listening");
    let ops = tokio::spawn(accept(listeners.ops, ops_router, ops_closing.clone()));
    let api = tokio::spawn(accept(listeners.api, router, api_closing.clone()));

    service.stopping.cancelled().await;
    info!("stopping");
    sleep(args.drain_delay()).await;
    api_closing.cancel();
    service.tasks.close();
    let drained = async {
        let served = api.await;
        service.tasks.wait().await;
        served
    };
    match timeout(args.shutdown_grace(), drained).await {
        Ok(served) => served.context("the API's port failed")?,
        Err(_elapsed) => {
            warn!(limit = ?args.shutdown_grace(), "stopped before everything was done")
        }
    }
    ops_closing.cancel();
    // Only probes and scrapes are left there: nothing to wait for.
    ops.abort();
    info!("stopped");
    Ok(())
}

/// Serves the probes and metrics of a process without an API on `address`, until `ended` is cancelled; `/readyz` turns
/// false when the service says stop.
///
/// # Errors
/// When the port cannot be opened or the metrics of the process cannot be registered.
pub async fn serve_ops(
    address: SocketAddr,
    service: &ServiceContext,
    probe: Arc<dyn Probe>,
    ended: CancellationToken,
) -> anyhow::Result<()> {
    let listener = bind(address, "--ops-listen").await?;
    let process = Registry::new();
    process.register(Box::new(ProcessCollector::for_self()))?;
    let app = App { name: service.name, router: Router::new(), registry: service.registry.clone(), probe };
    info!(ops = %listener.local_addr()?, "listening");
    accept(listener, ops::router(vec![app], process, service.stopping.clone()), ended).await;
    Ok(())
}

/// Accepts connections until `closing`, then waits for the requests under way.
async fn accept(listener: TcpListener, router: Router, closing: CancellationToken) {
    let mut http = http1::Builder::new();
    // Replies are short: to copy a body behind its head costs less than to send the two as a vector.
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).writev(false);
    let graceful = GracefulShutdown::new();
    let on_loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                error!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "a connection ended at once");
        }
        let service = AddExtension::new(router.clone(), Connection { peer, on_loopback });
        let service = TowerToHyperService::new(service);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(error = %crate::chain(&error), "a connection broke");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}
