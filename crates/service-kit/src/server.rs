use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::{Router, body::Body, extract::Request, response::Response};
use futures::{
    FutureExt,
    future::{OptionFuture, join},
};
use hyper::body::Incoming;
use prometheus::{Registry, process_collector::ProcessCollector};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tower::{Service, service_fn};
use tracing::{field::display, info, warn};

use crate::{
    App, Probe, ServeArgs, ServiceContext,
    accept::{Acceptor, listen},
    ops,
    overload::{Admission, ConnectionLimits, FairQueue, admit, refusing},
    tls::Tls,
};

/// The open ports of a process, and the certificate of those of the API.
pub struct Listeners {
    pub(crate) api: TcpListener,
    pub(crate) public: Option<TcpListener>,
    pub(crate) ops: TcpListener,
    pub(crate) tls: Option<Arc<Tls>>,
}

impl Listeners {
    /// Opens them.
    ///
    /// # Errors
    /// When nothing says who may use the API, an address cannot be had, or the certificate cannot be used; the message names
    /// the flag that changes it.
    pub fn bind(args: &ServeArgs) -> anyhow::Result<Listeners> {
        args.access()?;
        Ok(Listeners {
            tls: args.tls.load()?.map(Arc::new),
            api: bind(args.listen, "--listen")?,
            public: args.public_listen.map(|address| bind(address, "--public-listen")).transpose()?,
            ops: bind(args.ops_listen, "--ops-listen")?,
        })
    }
}

fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address}; {flag} sets another address"))
}

/// Serves one service until its service says stop; returns when everything has drained, or at the hard limit.
///
/// # Errors
/// When an address cannot be had, or nobody could be kept from doing everything.
pub async fn serve(args: &ServeArgs, service: ServiceContext, app: App) -> anyhow::Result<()> {
    args.check_access()?;
    args.warn_if_service_port_is_open()?;
    let listeners = Listeners::bind(args)?;
    let (router, public) = (app.internal.clone(), app.public.clone());
    serve_all(args, listeners, &service, router, public, vec![app]).await
}

/// Serves `router` on the API's port, `public` on the port for gateways if that is open, and the probes and metrics of
/// all `apps` on the last; see [`serve`].
///
/// The order of the end: `/readyz` turns false, the drain delay passes, the API's ports close, requests under way and
/// background tasks finish, the second port closes.
pub async fn serve_all(
    args: &ServeArgs,
    listeners: Listeners,
    service: &ServiceContext,
    router: Router,
    public: Router,
    apps: Vec<App>,
) -> anyhow::Result<()> {
    let limits = ConnectionLimits::within_open_files(args.limits.max_connections);
    let own = apps.iter().all(|app| app.name != service.name).then(|| service.registry.clone());
    let process = own.into_iter().chain([process_metrics()?]).collect();
    let refusing = refusing(service.refusals.clone());
    let ops_router = ops::router(apps, process, service.stopping.clone());
    let ops_port =
        Acceptor::new(ops_router, places(limits.operations, service), refusing.clone(), limits.refused);
    let admission = Arc::new(Admission::new(args, service, refusing.clone()));
    let [router, public] = [router, public].map(|router| admitting(admission.clone(), router));
    let open = places(limits.api, service);
    let tls = listeners.tls;
    let api_port =
        Acceptor::new(router, open.clone(), refusing.clone(), limits.refused).with_tls(tls.clone());
    let public_port = Acceptor::new(public, open, refusing, limits.refused).with_tls(tls.clone());

    let (api_closing, ops_closing) = (CancellationToken::new(), CancellationToken::new());
    let public_address = listeners.public.as_ref().map(TcpListener::local_addr).transpose()?.map(display);
    info!(
        api = %listeners.api.local_addr()?,
        public = public_address,
        ops = %listeners.ops.local_addr()?,
        tls = tls.is_some(),
        "listening"
    );
    let _renewing = tls.map(|tls| AbortOnDropHandle::new(tokio::spawn(tls.keep_current())));
    args.access()?.announce(&args.api_addresses());
    let mut ops = tokio::spawn(ops_port.run(listeners.ops, ops_closing.clone()));
    let public = listeners.public.map(|listener| public_port.run(listener, api_closing.clone()));
    let mut api =
        tokio::spawn(join(api_port.run(listeners.api, api_closing.clone()), OptionFuture::from(public)));

    tokio::select! {
        () = service.stopping.cancelled() => (),
        ended = &mut api => bail!("the API's port failed: {ended:?}"),
        ended = &mut ops => bail!("the second port failed: {ended:?}"),
    }
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
        Ok(served) => drop(served.context("a port of the API failed")?),
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
pub async fn serve_ops(
    address: SocketAddr,
    service: &ServiceContext,
    probe: Arc<dyn Probe>,
    ended: CancellationToken,
) -> anyhow::Result<()> {
    let listener = bind(address, "--ops-listen")?;
    let app = App {
        name: service.name,
        router: Router::new(),
        internal: Router::new(),
        public: Router::new(),
        operations: Router::new(),
        registry: service.registry.clone(),
        probe,
    };
    let router = ops::router(vec![app], vec![process_metrics()?], service.stopping.clone());
    let limits = ConnectionLimits::within_open_files(0);
    let open = places(limits.operations, service);
    let refusing = refusing(service.refusals.clone());
    info!(ops = %listener.local_addr()?, "listening");
    Acceptor::new(router, open, refusing, limits.refused).run(listener, ended).await;
    Ok(())
}

/// Passes a request on to `router` when it is its turn. Around the router and not a layer of it, since a layer copies and
/// boxes what is inside for every request.
fn admitting(
    admission: Arc<Admission>,
    router: Router,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send {
    service_fn(move |request: Request<Incoming>| {
        admit(admission.clone(), request.map(Body::new), router.clone()).map(Ok)
    })
}

/// Places for so many connections. Nobody waits for one, and one client leaves some to others.
fn places(number: u64, service: &ServiceContext) -> FairQueue {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    FairQueue::new(number, Duration::ZERO, 0, service.refusals.waiting())
}

fn process_metrics() -> Result<Registry, prometheus::Error> {
    let process = Registry::new();
    process.register(Box::new(ProcessCollector::for_self()))?;
    Ok(process)
}
