use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use rustix::net::sockopt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower_http::add_extension::AddExtension;
use tracing::{debug, warn};

use crate::{
    Connection, http2,
    overload::{Excess, FairQueue},
    tls::Tls,
};

/// Connections that the kernel accepts before we do.
const BACKLOG: u32 = 1_024;
/// Longest time for a client to send a request's head; an idle connection may wait as long for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Longest time of a client to take what was sent to it.
const UNREAD_TIMEOUT: Duration = HEAD_TIMEOUT;
/// Longest time of a connection that is only told that there are too many.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest time for it to send the head of its request. Pools of connections open some in advance and send nothing on
/// them: were they waited for, nobody else's connection would be accepted meanwhile.
pub(crate) const REFUSED_HEAD_TIMEOUT: Duration = Duration::from_millis(100);
/// Most bytes of a request's head that are kept: its path and query have up to 64 KiB.
pub(crate) const HEAD_LIMIT: u32 = 96 * 1024;
/// First and longest pause after a failed accept, which is most often a lack of file descriptors.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Between two warnings that connections cannot be accepted.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// Opens a port.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts the connections of one port and serves HTTP/1 and, to those who begin with it or agree on it by TLS, HTTP/2.
pub(crate) struct Acceptor<S> {
    service: S,
    /// Answers those who are too many, by the [`Excess`] in the request's extensions.
    refusing: Router,
    open: FairQueue,
    refused: Arc<Semaphore>,
    tls: Option<Arc<Tls>>,
}

impl<S> Acceptor<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    /// Serves `service` on the connections that have a place in `open`; so many further ones are answered by `refusing`,
    /// and yet others wait. Ports with the same `open` share its places.
    pub(crate) fn new(service: S, open: FairQueue, refusing: Router, refused: u64) -> Acceptor<S> {
        let refused = usize::try_from(refused).unwrap_or(Semaphore::MAX_PERMITS);
        Acceptor { service, refusing, open, refused: Arc::new(Semaphore::new(refused)), tls: None }
    }

    /// The same, which speaks nothing but TLS if there is a certificate.
    pub(crate) fn with_tls(self, tls: Option<Arc<Tls>>) -> Acceptor<S> {
        Acceptor { tls, ..self }
    }

    /// Accepts connections until `closing`, then waits for the requests under way.
    pub(crate) async fn run(self, listener: TcpListener, closing: CancellationToken) {
        let graceful = GracefulShutdown::new();
        let on_loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        let accepting = async {
            let mut failures = Failures::default();
            loop {
                // One that can be refused at least, or else it waits in the kernel.
                let Ok(refused) = self.refused.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        failures.is_over();
                        let connection = Connection { peer, on_loopback, is_tls: self.tls.is_some() };
                        self.start(stream, connection, refused, graceful.watcher(), closing.clone());
                    }
                    Err(error) => sleep(failures.pause(&error)).await,
                }
            }
        };
        closing.run_until_cancelled(accepting).await;
        drop(listener);
        graceful.shutdown().await;
    }

    /// Serves a connection in a task of its own.
    fn start(
        &self,
        stream: TcpStream,
        connection: Connection,
        refused: OwnedSemaphorePermit,
        watcher: Watcher,
        closing: CancellationToken,
    ) {
        if let Err(error) = set_up(&stream, UNREAD_TIMEOUT) {
            debug!(%error, "a connection ended at once");
        }
        let tls = self.tls.clone();
        match self.open.try_enter(Some(connection.peer.ip().to_canonical()), 1) {
            Some(place) => {
                let service = AddExtension::new(self.service.clone(), connection);
                tokio::spawn(async move {
                    let _place = place;
                    let Some(tls) = tls else {
                        let begun = timeout(HEAD_TIMEOUT, http2::begins(&stream));
                        let Some(Ok(Ok(is_http2))) = closing.run_until_cancelled(begun).await else { return };
                        return serve(stream, is_http2, service, watcher, &closing).await;
                    };
                    match closing.run_until_cancelled(tls.accept(stream)).await {
                        Some(Ok((stream, is_http2))) => {
                            serve(stream, is_http2, service, watcher, &closing).await;
                        }
                        Some(Err(error)) => debug!(%error, "a client did not agree on TLS"),
                        None => (),
                    }
                });
            }
            None => {
                let service = AddExtension::new(self.refusing.clone(), Excess::Connections);
                tokio::spawn(async move {
                    let _place = refused;
                    let refusal = async {
                        match tls {
                            None => refuse(stream, service).await,
                            Some(tls) => refuse(tls.accept_to_refuse(stream).await?, service).await,
                        }
                    };
                    // Whoever does not listen to it has been refused all the same.
                    let _ = timeout(REFUSAL_TIMEOUT, refusal).await;
                });
            }
        }
    }
}

/// Serves a connection until its client ends it, or until `closing` and the replies to the requests under way.
async fn serve<I, S>(stream: I, is_http2: bool, service: S, watcher: Watcher, closing: &CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let served = if is_http2 {
        // The end of the process waits for it until this is dropped.
        let _watcher = watcher;
        http2::serve(stream, service, HEAD_TIMEOUT, closing).await
    } else {
        let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
        watcher.watch(http1(HEAD_TIMEOUT).serve_connection(io, service)).await
    };
    if let Err(error) = served {
        debug!(error = %crate::chain(&error), "a connection broke");
    }
}

/// Tells a client that there are too many connections.
async fn refuse<I>(stream: I, service: AddExtension<Router, Excess>) -> anyhow::Result<()>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
    Ok(http1(REFUSED_HEAD_TIMEOUT).serve_connection(io, service).await?)
}

/// Has the kernel send replies at once, and give up a connection whose client has not taken anything of a reply for so
/// long: it may be gone, or may leave its replies unread to keep its place.
fn set_up(stream: &TcpStream, unread: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    Ok(sockopt::set_tcp_user_timeout(stream, u32::try_from(unread.as_millis()).unwrap_or(u32::MAX))?)
}

fn http1(head_timeout: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    // Replies are short: to copy a body behind its head costs less than to send the two as a vector.
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(HEAD_LIMIT as usize)
        .writev(false);
    http
}

/// Failed accepts: the pause after each grows, and the log tells of them once.
#[derive(Default)]
struct Failures {
    pause: Option<Duration>,
    warned: Option<Instant>,
}

impl Failures {
    fn is_over(&mut self) {
        self.pause = None;
    }

    fn pause(&mut self, error: &io::Error) -> Duration {
        if self.warned.is_none_or(|warned| warned.elapsed() >= BETWEEN_WARNINGS) {
            warn!(%error, "connections cannot be accepted for now");
            self.warned = Some(Instant::now());
        }
        let pause = self.pause.map_or(PAUSES.0, |pause| (pause * 2).min(PAUSES.1));
        self.pause = Some(pause);
        pause
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn who_leaves_replies_unread_loses_the_connection() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut server = listener.accept().await.unwrap().0;
        set_up(&server, Duration::from_millis(300)).unwrap();
        let writing = async { while server.write_all(&[b'x'; 65_536]).await.is_ok() {} };
        timeout(Duration::from_secs(30), writing).await.unwrap();
        drop(client);
    }
}
