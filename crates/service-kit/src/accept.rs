use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_http::add_extension::AddExtension;
use tracing::{debug, warn};

use crate::{Connection, overload::Excess};

/// Connections that the kernel accepts before we do.
const BACKLOG: u32 = 1_024;
/// Longest time for a client to send a request's head; an idle connection may wait as long for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Longest time of a connection that is only told that there are too many.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
/// Most bytes of a request's head that are kept: its path and query have up to 64 KiB.
const HEAD_LIMIT: usize = 96 * 1024;
/// Bytes of bodies that one HTTP/2 connection, and one request of it, may send before they are read.
const HTTP2_WINDOW: u32 = 64 * 1024;
/// Requests under way on one HTTP/2 connection.
const HTTP2_STREAMS: u32 = 128;
/// How an HTTP/2 connection begins; no method of HTTP/1 does.
const HTTP2_BEGIN: &[u8; 3] = b"PRI";
/// Between two looks at what an unusually slow client has sent of that.
const HTTP2_BEGIN_PAUSE: Duration = Duration::from_millis(10);
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

/// Accepts the connections of one port and serves HTTP/1 and, to those who begin with it, HTTP/2.
pub(crate) struct Acceptor {
    router: Router,
    /// Answers those who are too many, by the [`Excess`] in the request's extensions.
    refusing: Router,
    open: Arc<Semaphore>,
    refused: Arc<Semaphore>,
}

impl Acceptor {
    /// Serves `router` on so many connections; so many further ones are answered by `refusing`, and yet others wait.
    pub(crate) fn new(router: Router, connections: u64, refusing: Router, refused: u64) -> Acceptor {
        let places =
            |number| Arc::new(Semaphore::new(usize::try_from(number).unwrap_or(Semaphore::MAX_PERMITS)));
        Acceptor { router, refusing, open: places(connections), refused: places(refused) }
    }

    /// Another port, with `router`, for connections that count together with those of this one.
    pub(crate) fn beside(&self, router: Router, refused: u64) -> Acceptor {
        Acceptor { open: self.open.clone(), ..Acceptor::new(router, 0, self.refusing.clone(), refused) }
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
                        let connection = Connection { peer, on_loopback };
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
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "a connection ended at once");
        }
        match self.open.clone().try_acquire_owned() {
            Ok(place) => {
                let service = AddExtension::new(self.router.clone(), connection);
                tokio::spawn(async move {
                    let _place = place;
                    let is_http2 = closing.run_until_cancelled(timeout(HEAD_TIMEOUT, begins_http2(&stream)));
                    let Some(Ok(Ok(is_http2))) = is_http2.await else { return };
                    let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
                    let served = if is_http2 {
                        watcher.watch(http2().serve_connection(io, service)).await
                    } else {
                        watcher.watch(http1(HEAD_TIMEOUT).serve_connection(io, service)).await
                    };
                    if let Err(error) = served {
                        debug!(error = %crate::chain(&error), "a connection broke");
                    }
                });
            }
            Err(_too_many) => {
                let service = AddExtension::new(self.refusing.clone(), Excess::Connections);
                tokio::spawn(async move {
                    let _place = refused;
                    let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
                    // Whoever does not listen to it has been refused all the same.
                    let _ =
                        timeout(REFUSAL_TIMEOUT, http1(REFUSAL_TIMEOUT).serve_connection(io, service)).await;
                });
            }
        }
    }
}

fn http1(head_timeout: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    // Replies are short: to copy a body behind its head costs less than to send the two as a vector.
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(HEAD_LIMIT).writev(false);
    http
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .keep_alive_interval(HEAD_TIMEOUT)
        .initial_connection_window_size(HTTP2_WINDOW)
        .initial_stream_window_size(HTTP2_WINDOW)
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_send_buf_size(HEAD_LIMIT);
    http
}

/// Whether the client speaks HTTP/2 without having asked.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut begin = [0; HTTP2_BEGIN.len()];
    loop {
        let length = stream.peek(&mut begin).await?;
        let is_alike =
            length > 0 && begin.iter().zip(HTTP2_BEGIN).take(length).all(|(byte, other)| byte == other);
        if !is_alike || length == begin.len() {
            return Ok(is_alike);
        }
        sleep(HTTP2_BEGIN_PAUSE).await;
    }
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
