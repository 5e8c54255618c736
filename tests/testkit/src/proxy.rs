use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::ports::free_address;

/// Stands on 127.0.0.1 between a client and a server, and breaks what runs between them.
///
/// It works on the runtime where it was started, and ends when it is dropped.
pub struct TcpProxy {
    address: SocketAddr,
    target: SocketAddr,
    behaviour: watch::Sender<Behaviour>,
    accepted: Arc<AtomicUsize>,
    line: Mutex<Option<Line>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Behaviour {
    hangs: bool,
    delay: Duration,
}

/// The listener and all connections, from one `heal` to the next `cut`.
struct Line {
    end: CancellationToken,
    tasks: TaskTracker,
}

impl TcpProxy {
    /// Starts to pass connections on to `target`, which need not be there yet.
    pub async fn start(target: SocketAddr) -> anyhow::Result<TcpProxy> {
        let address = free_address()?;
        let behaviour = watch::Sender::new(Behaviour::default());
        let proxy = TcpProxy { address, target, behaviour, accepted: Arc::default(), line: Mutex::new(None) };
        proxy.heal().await?;
        Ok(proxy)
    }

    /// Starts to stand before the server that `url` names with its port; the URL by which clients reach it then.
    ///
    /// # Errors
    /// When the URL names no server, or there is no port to listen on.
    pub async fn before(url: &str) -> anyhow::Result<(TcpProxy, String)> {
        let mut url = Url::parse(url)?;
        let servers = url.socket_addrs(|| None)?;
        let proxy = TcpProxy::start(*servers.first().context("the URL names no server")?).await?;
        url.set_ip_host(proxy.address.ip()).ok().context("the URL has no place for a host")?;
        url.set_port(Some(proxy.port())).ok().context("the URL has no place for a port")?;
        Ok((proxy, url.into()))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections it has accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Drops all connections and refuses new ones. All are gone on return.
    pub async fn cut(&self) {
        if let Some(line) = self.line.lock().await.take() {
            line.end.cancel();
            line.tasks.wait().await;
        }
    }

    /// Ends a cut, a hang and a delay. What a hang has held back is passed on now.
    pub async fn heal(&self) -> anyhow::Result<()> {
        self.behaviour.send_replace(Behaviour::default());
        let mut line = self.line.lock().await;
        if line.is_none() {
            let listener = TcpListener::bind(self.address).await;
            let listener =
                listener.with_context(|| format!("the proxy cannot listen on {}", self.address))?;
            *line = Some(self.open(listener));
        }
        Ok(())
    }

    /// From now on connections are accepted and kept, but no byte passes, in either direction.
    pub fn hang(&self) {
        self.behaviour.send_modify(|behaviour| behaviour.hangs = true);
    }

    /// From now on whatever is sent waits this long, in each direction. Zero ends it.
    pub fn delay(&self, delay: Duration) {
        self.behaviour.send_modify(|behaviour| behaviour.delay = delay);
    }

    fn open(&self, listener: TcpListener) -> Line {
        let line = Line { end: CancellationToken::new(), tasks: TaskTracker::new() };
        line.tasks.close();
        let (target, behaviour, accepted) =
            (self.target, self.behaviour.subscribe(), Arc::clone(&self.accepted));
        let (end, tasks) = (line.end.clone(), line.tasks.clone());
        let accepting = async move {
            // An error is one connection's that was given up while it waited; the next one may be well.
            loop {
                if let Ok((client, _)) = listener.accept().await {
                    accepted.fetch_add(1, Ordering::SeqCst);
                    let connection = connect(client, target, behaviour.clone());
                    tasks.spawn(end.clone().run_until_cancelled_owned(connection));
                }
            }
        };
        line.tasks.spawn(line.end.clone().run_until_cancelled_owned(accepting));
        line
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        if let Some(line) = self.line.get_mut() {
            line.end.cancel();
        }
    }
}

/// Lives until both directions have ended or one has failed; an error ends the connection and is nobody's news.
async fn connect(client: TcpStream, target: SocketAddr, mut behaviour: watch::Receiver<Behaviour>) {
    if !passes(&mut behaviour).await {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    if client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).is_err() {
        return;
    }
    let (client_reader, client_writer) = client.into_split();
    let (server_reader, server_writer) = server.into_split();
    let there = pump(client_reader, server_writer, behaviour.clone());
    let back = pump(server_reader, client_writer, behaviour);
    let _ = tokio::try_join!(there, back);
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut behaviour: watch::Receiver<Behaviour>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let delay = behaviour.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        if !passes(&mut behaviour).await {
            return Ok(());
        }
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
    }
}

/// Waits while it hangs; false when the proxy is gone.
async fn passes(behaviour: &mut watch::Receiver<Behaviour>) -> bool {
    behaviour.wait_for(|behaviour| !behaviour.hangs).await.is_ok()
}
