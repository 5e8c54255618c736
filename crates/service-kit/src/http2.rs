use std::{convert::Infallible, io, pin::pin, time::Duration};

use axum::{body::Body, extract::Request};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::accept::HEAD_LIMIT;

/// Bytes of bodies that one connection, and one request of it, may send before they are read.
const WINDOW: u32 = 64 * 1024;
/// Requests under way on one connection.
const STREAMS: u32 = 128;
/// Most bytes of replies that wait for one request's client to read them.
const SEND_BUFFER: usize = 96 * 1024;
/// Between two signs of life that the client is asked for.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Longest time of the client, but no longer than it may be idle, once it was told that the connection ends.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How a connection begins; no method of HTTP/1 does.
const BEGIN: &[u8; 3] = b"PRI";
/// Between two looks at what an unusually slow client has sent of that, the first pause and the longest: it is peeked at,
/// so nobody says when there is more.
const BEGIN_PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// Whether the client speaks HTTP/2 without having asked.
pub(crate) async fn begins(stream: &TcpStream) -> io::Result<bool> {
    let (mut begin, mut pause) = ([0; BEGIN.len()], BEGIN_PAUSES.0);
    loop {
        let length = stream.peek(&mut begin).await?;
        let is_alike = length > 0 && begin.iter().zip(BEGIN).take(length).all(|(byte, other)| byte == other);
        if !is_alike || length == begin.len() {
            return Ok(is_alike);
        }
        sleep(pause).await;
        pause = (pause * 2).min(BEGIN_PAUSES.1);
    }
}

/// Serves one connection until its client ends it, until `closing`, or until for as long as `idle` no handler has worked
/// for it and nothing of a reply has gone out. A client that only answers our pings, does not go on with what it has begun,
/// or takes nothing of a reply would otherwise keep its place for ever.
pub(crate) async fn serve<I, S>(
    stream: I,
    service: S,
    idle: Duration,
    closing: &CancellationToken,
) -> hyper::Result<()>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: tower::Service<Request<Incoming>, Response = axum::response::Response, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    let under_way = watch::Sender::new(0);
    let requests = under_way.subscribe();
    let counted = service_fn(move |request: Request<Incoming>| {
        let under_way = UnderWay::one(&under_way);
        let answer = service.clone().oneshot(request);
        let activity = under_way.0.clone();
        async move {
            let answer = answer.await;
            drop(under_way);
            answer.map(|reply| {
                reply.map(|body| {
                    Body::new(body.map_frame(move |frame| {
                        // Whoever waits for idleness begins anew.
                        activity.send_modify(|_| ());
                        frame
                    }))
                })
            })
        }
    });
    let mut connection = pin!(builder().serve_connection(TokioIo::new(stream), counted));
    tokio::select! {
        served = &mut connection => return served,
        () = closing.cancelled() => (),
        () = idleness(requests.clone(), idle) => (),
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        served = &mut connection => served,
        () = idleness(requests, idle.min(LAST_WORDS)) => Ok(()),
    }
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .initial_connection_window_size(WINDOW)
        .initial_stream_window_size(WINDOW)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_LIMIT)
        .max_send_buf_size(SEND_BUFFER);
    http
}

/// Ends when no handler has worked, and nothing gone out, for so long.
async fn idleness(mut requests: watch::Receiver<usize>, limit: Duration) {
    loop {
        // The sender lives as long as the connection, beside which this runs.
        let _ = requests.wait_for(|number| *number == 0).await;
        if timeout(limit, requests.changed()).await.is_err() {
            return;
        }
    }
}

/// A request that is counted until its handler has answered.
struct UnderWay(watch::Sender<usize>);

impl UnderWay {
    fn one(requests: &watch::Sender<usize>) -> UnderWay {
        requests.send_modify(|number| *number += 1);
        UnderWay(requests.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|number| *number -= 1);
    }
}

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse, Response};
    use futures::{StreamExt, stream};
    use hyper::client::conn::http2::handshake;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        task::JoinHandle,
    };
    use tower::service_fn;

    use super::*;

    const IDLE: Duration = Duration::from_millis(100);
    const SOON: Duration = Duration::from_secs(20);

    /// A client's connection to a server that takes longer than [`IDLE`] to answer, and again for its reply.
    async fn connection() -> (TcpStream, CancellationToken, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, closing) = (listener.accept().await.unwrap().0, CancellationToken::new());
        let slow = service_fn(async |_: Request<Incoming>| {
            sleep(4 * IDLE).await;
            let pieces = stream::iter(0..8).then(async |_| {
                sleep(IDLE / 2).await;
                Ok::<_, Infallible>("piece")
            });
            Ok::<Response, Infallible>(Body::from_stream(pieces).into_response())
        });
        let token = closing.clone();
        let served = tokio::spawn(async move {
            // How it ended is the client's affair.
            let _ = serve(server, slow, IDLE, &token).await;
        });
        (client, closing, served)
    }

    #[tokio::test]
    async fn who_does_not_go_on_loses_the_connection() {
        const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
        // A request whose head does not come to its end.
        const HEADERS: &[u8] = &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
        for begin in [
            BEGIN.to_vec(),
            PREFACE.to_vec(),
            [PREFACE, SETTINGS].concat(),
            [PREFACE, SETTINGS, HEADERS].concat(),
        ] {
            let (mut client, _closing, served) = connection().await;
            client.write_all(&begin).await.unwrap();
            timeout(SOON, served).await.unwrap().unwrap();
            let mut rest = Vec::new();
            // Reset or closed: it is over.
            let _ = timeout(SOON, client.read_to_end(&mut rest)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn requests_are_answered_before_an_idle_or_closing_connection_ends() {
        for closes in [false, true] {
            let (client, closing, served) = connection().await;
            let (mut requests, client) = handshake(TokioExecutor::new(), TokioIo::new(client)).await.unwrap();
            let client = tokio::spawn(client);
            let request = || Request::get("http://here/").body(Body::empty()).unwrap();
            let first = requests.send_request(request());
            if closes {
                requests.ready().await.unwrap();
                sleep(IDLE).await;
                closing.cancel();
            } else {
                sleep(IDLE / 2).await;
            }
            let whole =
                async |reply: Response<Incoming>| reply.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(whole(first.await.unwrap()).await, "piece".repeat(8), "a slow reply is no idleness");
            if !closes {
                let next = requests.send_request(request()).await.unwrap();
                assert_eq!(whole(next).await, "piece".repeat(8), "it goes on");
            }
            timeout(SOON, served).await.unwrap().unwrap();
            timeout(SOON, client).await.unwrap().unwrap().unwrap();
        }
    }
}
