//! Many who listen to a poll on one replica.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use testkit::ServiceProcess;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::timeout,
};

use crate::{measure::median, poll::Poll, proc, stack::Stack};

/// Who listen.
const LISTENERS: usize = 5_000;
/// Connections of one address, which gets no more than its share.
const FROM_ONE_ADDRESS: usize = 200;
/// Listeners who connect at the same time.
const AT_ONCE: usize = 64;
/// Longest wait for an event.
const LIMIT: Duration = Duration::from_secs(60);

/// Medians over the rounds.
pub(crate) struct ListenersResult {
    pub(crate) listeners: usize,
    /// Milliseconds from sending an answer until the first has heard of it, and until the last has.
    pub(crate) first_ms: f64,
    pub(crate) last_ms: f64,
    /// Resident memory of the service for each of them.
    pub(crate) kib_each: f64,
}

/// Lets many listen to a poll on one replica of user-service, and changes an answer.
pub(crate) async fn measure(stack: &Stack, poll: &Poll, rounds: usize) -> anyhow::Result<ListenersResult> {
    let service = ServiceProcess::start(stack.user_service().env("MAX_CONNECTIONS", 2 * LISTENERS)).await?;
    let (address, pid) = (service.url().trim_start_matches("http://").parse::<SocketAddr>()?, service.pid());
    let before = proc::resident_mib(pid)?;
    let connect = |number: usize| open(address, number, format!("/polls/{}/events", poll.id));
    let streams: Vec<TcpStream> =
        stream::iter(0..LISTENERS).map(connect).buffer_unordered(AT_ONCE).try_collect().await?;
    let kib_each = (proc::resident_mib(pid)? - before) * 1024.0 / LISTENERS as f64;

    let (heard, mut hearing) = mpsc::unbounded_channel();
    let listeners: Vec<_> =
        streams.into_iter().map(|stream| tokio::spawn(listen(stream, heard.clone()))).collect();
    let http = crate::http_client()?;
    let participant = poll.participants.first().context("nobody takes part")?;
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let sent = Instant::now();
        participant.put(&http, &service.url()).await?;
        let mut at = Vec::with_capacity(LISTENERS);
        while at.len() < LISTENERS {
            let next = timeout(LIMIT, hearing.recv()).await;
            let next = next.with_context(|| format!("only {} of {LISTENERS} have heard", at.len()))?;
            at.push(next.context("a listener has ended")?.duration_since(sent).as_secs_f64() * 1e3);
        }
        first.push(at.iter().copied().fold(f64::INFINITY, f64::min));
        last.push(at.iter().copied().fold(0.0, f64::max));
    }
    listeners.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(ListenersResult { listeners: LISTENERS, first_ms: median(first)?, last_ms: median(last)?, kib_each })
}

/// A stream of events whose first one has come.
async fn open(address: SocketAddr, number: usize, path: String) -> anyhow::Result<TcpStream> {
    let own = u8::try_from(2 + number / FROM_ONE_ADDRESS)?;
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, own), 0).into())?;
    let mut stream = socket.connect(address).await.context("cannot connect; mind `ulimit -n`")?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut read = Vec::new();
    while !contains(&read, b"event: heartbeat") {
        let more = timeout(LIMIT, stream.read_buf(&mut read)).await.context("no event comes")??;
        let text = String::from_utf8_lossy(&read);
        ensure!(more > 0 && !text.contains(" 503 "), "the stream ends: {text}");
    }
    Ok(stream)
}

/// Tells of every change that it hears of.
async fn listen(mut stream: TcpStream, heard: mpsc::UnboundedSender<Instant>) -> anyhow::Result<()> {
    let mut read = Vec::new();
    while stream.read_buf(&mut read).await? > 0 {
        while let Some(at) = read.windows(CHANGE.len()).position(|part| part == CHANGE) {
            read.drain(..at + CHANGE.len());
            heard.send(Instant::now())?;
        }
        // Of what has come no more is needed than what may be the beginning of an event.
        read.drain(..read.len().saturating_sub(CHANGE.len()));
    }
    Ok(())
}

const CHANGE: &[u8] = b"event: change";

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|found| found == part)
}
